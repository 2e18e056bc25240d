"""What one browser session knows: its state, and what the browser keeps."""
