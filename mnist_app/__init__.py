"""Draw a digit in the browser, see a neural network recognise it, and train such networks."""
