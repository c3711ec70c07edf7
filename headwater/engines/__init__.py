"""Processes that make tokens and vectors, seen through two small protocols."""
