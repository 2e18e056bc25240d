"""The parts of the Class drawings page."""
