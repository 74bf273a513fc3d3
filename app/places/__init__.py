"""Places 地点: districts and townships, positions and distances. Read by every room, edited by the office."""
