"""Boundaries 区县边界: the outlines of the districts on the map. The office puts them up."""
