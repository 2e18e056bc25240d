"""Repairs of Streamlit's behaviour, each in a module of its own. `repairs` applies them all."""
