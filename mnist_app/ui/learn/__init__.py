"""The parts of the Learn page that one can touch: one module for each chapter's."""
