"""Accounts 账号: who may use the house, as the office keeps it: made, changed, disabled, given a first password.

Signing in itself, and what a person does with her own account, is `app/people/`, which owns the tables.
"""
