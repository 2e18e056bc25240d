"""Drawings made by rule: digits, and what a network must not take for one."""
