"""Parts of the Draw page: canvas, pictures, answer panel, and keeping drawings for the class."""
