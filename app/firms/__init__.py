"""Firms 企业: the roster, one page for each (一企一档), who looks after which. Officers and district desks use it."""
