"""From ink to the 28 × 28 image that a network reads, with NumPy and Pillow only."""
