"""Reports 台账与通报: the ledgers that offices file, and the bulletin. They read every room and write their own tables.

Every export is written to the audit log; a bulletin that was issued stays as it was.
"""
