"""The catalogue (SQL) and the content-addressed files: where truth lives."""
