"""Leaving the trainer: adapters, merged models and GGUF files that other programs load as they are."""
