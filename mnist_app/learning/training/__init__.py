"""Training: its configuration, the presets, the input pipeline, the loop."""
