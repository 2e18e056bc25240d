"""Lesson links, and the rules that they and the class's settings make."""
