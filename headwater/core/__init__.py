"""The words every part shares: types, errors, settings, registry and progress."""
