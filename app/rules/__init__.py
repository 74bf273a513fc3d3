"""Rules 规则: what the office lays down before any problem is reported, and what follows from it alone.

`routing.py` names the department, `limits.py` says how long a step may take, `workdays.py` which days count.
`forecast.py` tells an officer what they lead to, `suggestion.py` which category a text speaks of.
"""
