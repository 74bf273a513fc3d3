"""Photos 照片: decoded for real, stripped, stored by content, served to whoever may see what they belong to."""
