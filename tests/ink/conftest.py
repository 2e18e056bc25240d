"""What the tests of ink share."""

from hypothesis import settings

# A busy machine is no fault of what is tested.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
