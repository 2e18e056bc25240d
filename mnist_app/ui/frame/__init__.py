"""The surroundings of every page: navigation, sidebar, signing in."""
