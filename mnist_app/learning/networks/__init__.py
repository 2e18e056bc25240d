"""Properties of built networks: their layers, batch normalisation folded away, versions."""
