"""Answers of a trained network, quick and without training anything."""
