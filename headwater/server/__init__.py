"""HTTP: the OpenAI-shaped /v1, our own /api and the web app."""
