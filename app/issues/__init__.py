"""Issues 问题: a firm's problem from the visit that found it to the firm's own word that it is solved.

`lifecycle.py` is the law of the room: one table of moves. `deadlines.py` turns a history into clocks, by the rules that
the office lays down in `app/rules`. Officers report and verify, handlers answer, dispatchers triage, heads and the
office supervise.
"""
