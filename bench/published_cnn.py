"""The published convolutional program, as it is written in plain Keras: `published_cnn.py MNIST EPOCHS SEED`.

The baseline of J. Brownlee, "How to Develop a CNN for MNIST Handwritten Digit Classification" (2019),
trained on all 60,000 images for 10 epochs. Added: where the data lie, the seed, and the clock around `fit`.
"""

import json
import sys
import time

import keras
import numpy as np
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D
from keras.optimizers import SGD
from keras.utils import to_categorical

path, epochs, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
keras.utils.set_random_seed(seed)

with np.load(path) as data:
    x_train, y_train, x_test, y_test = (data[name] for name in ("x_train", "y_train", "x_test", "y_test"))
x_train = x_train.reshape((x_train.shape[0], 28, 28, 1)).astype("float32") / 255.0
x_test = x_test.reshape((x_test.shape[0], 28, 28, 1)).astype("float32") / 255.0
y_train = to_categorical(y_train)
y_test = to_categorical(y_test)

model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        Conv2D(32, (3, 3), activation="relu", kernel_initializer="he_uniform"),
        MaxPooling2D((2, 2)),
        Flatten(),
        Dense(100, activation="relu", kernel_initializer="he_uniform"),
        Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer=SGD(learning_rate=0.01, momentum=0.9), loss="categorical_crossentropy", metrics=["accuracy"]
)

start = time.perf_counter()
model.fit(x_train, y_train, epochs=epochs, batch_size=32, verbose=0)
seconds = time.perf_counter() - start

_, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(json.dumps({"seconds": seconds, "test_accuracy": accuracy, "parameters": model.count_params()}))
