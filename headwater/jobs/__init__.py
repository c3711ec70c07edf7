"""Long work: a queue in the catalogue, run with progress, cancelled and resumed."""
