"""The published convolutional program, to be measured: `published_cnn.py MNIST EPOCHS SEED`.

After Sonia Milanoi, "MNIST: A Line-By-Line Code Review" (2023): 10 epochs on all 60,000 images. Added: where
the data lie, the seed, the clock around `fit`, and the evaluation. Left out: the progress bar, and the last
lines, which show an image in a window and predict it.
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

x_train = x_train.reshape((-1, 28, 28, 1)).astype("float32") / 255
y_train = keras.utils.to_categorical(y_train, 10)

model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, (3, 3), activation="relu"),
        layers.MaxPooling2D((2, 2)),
        layers.Flatten(),
        layers.Dense(100, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)

model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.01, momentum=0.9),
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)

start = time.perf_counter()
model.fit(x_train, y_train, batch_size=32, epochs=epochs, verbose=0)
seconds = time.perf_counter() - start

x_test = x_test.reshape((-1, 28, 28, 1)).astype("float32") / 255
y_test = keras.utils.to_categorical(y_test, 10)
_, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(json.dumps({"seconds": seconds, "test_accuracy": accuracy}))
