"""The published dense program, as it is written in plain Keras: `published_dense.py MNIST EPOCHS SEED`.

The usual first network of the field: 784 pixels, 128 ReLU units, 10 probabilities, trained with RMSprop
on all 60,000 images for 5 epochs. Added: where the data lie, the seed, and the clock around `fit`.
"""

import json
import sys
import time

import keras
import numpy as np
from keras.layers import Dense
from keras.utils import to_categorical

path, epochs, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
keras.utils.set_random_seed(seed)

with np.load(path) as data:
    x_train, y_train, x_test, y_test = (data[name] for name in ("x_train", "y_train", "x_test", "y_test"))
x_train = x_train.reshape((60000, 28 * 28)).astype("float32") / 255
x_test = x_test.reshape((10000, 28 * 28)).astype("float32") / 255
y_train = to_categorical(y_train)
y_test = to_categorical(y_test)

model = keras.Sequential(
    [
        keras.Input((28 * 28,)),
        Dense(128, activation="relu"),
        Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])

start = time.perf_counter()
model.fit(x_train, y_train, epochs=epochs, batch_size=128, verbose=0)
seconds = time.perf_counter() - start

_, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(json.dumps({"seconds": seconds, "test_accuracy": accuracy, "parameters": model.count_params()}))
