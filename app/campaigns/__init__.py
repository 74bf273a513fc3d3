"""Campaigns 走访活动: a period in which chosen firms are to be visited, with at most three questions, and its coverage.

The office sets them up; officers see which of their firms are left; boards count firms, never an officer's work.
"""
