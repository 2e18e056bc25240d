"""Parts of the Runs page: the actions on runs, and their comparison."""
