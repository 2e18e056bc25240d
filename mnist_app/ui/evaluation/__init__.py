"""Parts of the Test images page: the choice of images, and the accuracy on each digit."""
