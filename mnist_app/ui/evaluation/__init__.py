"""The parts of the Test images page."""
