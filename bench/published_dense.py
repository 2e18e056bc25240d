"""The published dense program, to be measured: `published_dense.py MNIST EPOCHS SEED`.

After a notebook adapted from example 2.1 of François Chollet, "Deep Learning with Python" (Manning, 2017): 5
epochs on all 60,000 images, with a published test accuracy of 0.9745. Added: where the data lie, the seed,
and the clock around `fit`. Left out: the network's summary and the progress bars.
"""

import json
import sys
import time

import keras
import numpy as np
from keras import layers

path, epochs, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
keras.utils.set_random_seed(seed)

with np.load(path) as data:
    x_train, y_train, x_test, y_test = (data[name] for name in ("x_train", "y_train", "x_test", "y_test"))

x_train = x_train.reshape((-1, 784)) / 255.0
x_test = x_test.reshape((-1, 784)) / 255.0
y_train = keras.utils.to_categorical(y_train, 10)
y_test = keras.utils.to_categorical(y_test, 10)

model = keras.Sequential(
    [
        keras.Input((784,)),
        layers.Dense(128, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)

model.compile(
    optimizer=keras.optimizers.RMSprop(learning_rate=0.001),
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)

start = time.perf_counter()
model.fit(x_train, y_train, batch_size=128, epochs=epochs, verbose=0)
seconds = time.perf_counter() - start

_, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(json.dumps({"seconds": seconds, "test_accuracy": accuracy}))
