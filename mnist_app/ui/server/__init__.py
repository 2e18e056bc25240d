"""The web server around the pages: what happens at its start and end, its middleware and its own routes.

Each middleware and each route has a module of its own. `middleware.py` and `routes.py` list them.
"""
