"""Parts of the Train page: the settings of a training, the table of layers, and the test image viewer."""
