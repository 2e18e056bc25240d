"""Data sets: MNIST, the synthetic digits, and how they are downloaded and checked."""
