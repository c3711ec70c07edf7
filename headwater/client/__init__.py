"""A small Python client that speaks HTTP and imports nothing else of ours."""
