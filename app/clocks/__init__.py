"""Clocks 时限: the office changes a limit or the calendar, and every open deadline is reckoned anew."""
