"""Visits 走访: an officer's visit to a firm with what was heard, photos, place, and up to five problems.

Officers record them. Which firms are to be visited when is a campaign's business (`app/campaigns/`).
"""
