"""Audit 审计: who signed in, revealed, exported or changed what. Append only, each row chained to the one before.

Rows are written in the same transaction as what they tell of, and no path deletes them.
"""
