"""Formats: what the fields of a row mean (messages, ShareGPT, Alpaca, preference pairs, trees)."""
