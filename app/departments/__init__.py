"""Departments 责任单位: who answers for what, and the 20 categories of problems 问题类别."""
