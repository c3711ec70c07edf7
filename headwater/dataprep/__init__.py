"""Data preparation: a recipe of counted steps turns any rows into a clean training set, every row accounted for."""
