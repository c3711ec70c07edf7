"""Grounded answers: conversation, context budget, prompts, support and citations."""
