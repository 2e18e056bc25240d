"""Answers while the pen moves, over the app's own WebSocket."""
