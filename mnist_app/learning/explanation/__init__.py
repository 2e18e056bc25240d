"""Explanations of an answer: layer outputs, integrated gradients, what-if alterations."""
