"""Visits 走访: an officer's visit to a firm with what was heard, photos, place, and up to five problems.

Officers record them; campaigns say which firms are to be visited when; boards show coverage, never an officer's rank.
"""
