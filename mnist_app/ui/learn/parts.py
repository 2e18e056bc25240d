"""The interactive parts by the names that the chapters' texts use."""

from mnist_app.ui.learn.convolution import show_convolution, show_flatten, show_pooling
from mnist_app.ui.learn.data import show_digit_counts, show_pixels
from mnist_app.ui.learn.loss import show_cross_entropy
from mnist_app.ui.learn.material import LivePart
from mnist_app.ui.learn.neuron import show_activation, show_neuron, show_softmax
from mnist_app.ui.learn.normalise import show_normalise, show_reshape
from mnist_app.ui.learn.one_hot import show_one_hot
from mnist_app.ui.learn.optimisers import show_descent, show_optimisers
from mnist_app.ui.learn.overfitting import show_overfitting
from mnist_app.ui.learn.own_digit import show_ladder, show_most_alike
from mnist_app.ui.learn.parameters import show_parameters, show_runs, show_trade_offs
from mnist_app.ui.learn.testing import show_imbalance, show_prediction, show_test_image, show_train_and_test
from mnist_app.ui.learn.training import show_curves, show_steps

PARTS = {
    "pixels": LivePart(show_pixels, needs_image=True, is_wide=True),
    "digit_counts": LivePart(show_digit_counts),
    "reshape": LivePart(show_reshape, needs_image=True),
    "normalise": LivePart(show_normalise, needs_image=True),
    "one_hot": LivePart(show_one_hot, needs_image=True),
    "convolution": LivePart(show_convolution, needs_image=True, needs_network=True, is_wide=True),
    "pooling": LivePart(show_pooling, needs_image=True, needs_network=True, is_wide=True),
    "flatten": LivePart(show_flatten, needs_image=True, needs_network=True, is_wide=True),
    "neuron": LivePart(show_neuron, needs_image=True, needs_network=True, is_wide=True),
    "activation": LivePart(show_activation),
    "softmax": LivePart(show_softmax, needs_image=True, needs_network=True),
    "parameters": LivePart(show_parameters, is_wide=True),
    "trade_offs": LivePart(show_trade_offs, is_wide=True),
    "cross_entropy": LivePart(show_cross_entropy, needs_image=True),
    "descent": LivePart(show_descent),
    "optimisers": LivePart(show_optimisers, is_wide=True),
    "runs": LivePart(show_runs, is_wide=True),
    "steps": LivePart(show_steps, is_wide=True),
    "curves": LivePart(show_curves, is_wide=True),
    "overfitting": LivePart(show_overfitting, is_wide=True),
    "prediction": LivePart(show_prediction, needs_network=True),
    "test_image": LivePart(show_test_image, needs_network=True),
    "train_and_test": LivePart(show_train_and_test),
    "imbalance": LivePart(show_imbalance, needs_network=True),
    "ladder": LivePart(show_ladder, needs_network=True, is_wide=True),
    "most_alike": LivePart(show_most_alike),
}
