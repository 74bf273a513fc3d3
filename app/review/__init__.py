"""Review 总览: the boards of the district heads, the dispatchers and the city. Read only; every number opens its cases.

What is counted are cases and the firms' own answers, never anyone's use of the app.
"""
