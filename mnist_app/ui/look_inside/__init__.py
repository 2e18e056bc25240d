"""The views of Look inside, which explain the network's answer to the drawing on the Draw page."""
