"""Parts of the Test images page: the choice of images, their grid, and the accuracy on each digit."""
