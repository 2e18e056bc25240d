"""Answers while the pen moves: the app's own WebSocket beside Streamlit's."""
