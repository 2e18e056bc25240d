"""What the tests of a class with a teacher share."""

TEACHER_CODE = "the teacher's own code"
"""What opens the teacher's page while the fixture `class_store` is in use."""
