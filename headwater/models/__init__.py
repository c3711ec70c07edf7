"""Model weights and what surrounds them: manifests, sources, licences, memory plans."""
