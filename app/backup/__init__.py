"""Backup 备份: a copy that fits together, the way back, and a look at whether all is as it should be.

The database is copied first and photos after it: they are named by their content and never change, so that every photo
that the copied database names is among those copied. See docs/adr (backup) for why it is so.
"""
