"""Drawings made by rule: digits, and drawings that a network must not take for digits."""
