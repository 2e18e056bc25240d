"""Links that set up a lesson, and the class's rules."""
