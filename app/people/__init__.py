"""People 人员: accounts, roles, signing in and out. Six roles use it; the office keeps the accounts."""
