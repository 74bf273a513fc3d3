"""The demonstration city: invented firms and problems on real places."""
