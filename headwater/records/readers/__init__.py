"""Containers: how rows lie in a file (lines, tables, columns, archives), whatever the rows mean."""
