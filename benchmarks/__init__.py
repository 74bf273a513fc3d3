"""Full cities of any size, and how fast the app is on them. See README.md."""
