"""The steps of a recipe, one file each; `registry.py` above is their table."""
