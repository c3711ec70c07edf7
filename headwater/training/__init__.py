"""Fine-tuning: rows in, an adapter out, every token's loss mask visible, every run resumable bit for bit."""
