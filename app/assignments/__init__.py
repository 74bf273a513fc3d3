"""Assignments 包联: which officer looks after which firm, since when, and what goes along when one leaves.

District desks and the city office use it. Officers are listed by name, with the work that waits, never ranked.
"""
