"""Files become pages, passages and hits: extraction, indexing and search."""
