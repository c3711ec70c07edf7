"""One small reader a kind of file; each turns bytes into pages of text."""
