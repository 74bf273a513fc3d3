"""The office's own lists: categories 问题类别 and departments 责任单位; renamed, ordered, retired, never deleted."""
