"""Notices 消息: who is told that an issue changed or is due, in the app and, if the office wishes, beyond it.

Nouns: notice (one line in one person's inbox), delivery (one line that leaves the house), tick (what falls due by the
clock). Everyone has an inbox; the office sees what could not be delivered.
"""
