"""Rosters 名册: firms, officers, departments, handlers and who looks after which firm, taken in from Excel files.

A file is read into a working copy beside the database, judged row by row against what is stored (new, changed,
unchanged, doubtful, leaving, refused), shown, then stored in one transaction. For the office and the command line.
"""
