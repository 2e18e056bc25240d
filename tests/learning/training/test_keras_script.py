"""The scripts are read, run for real, and set beside the app's own runs."""

import ast
import itertools
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quick import only_first_is_quick

from mnist_app.errors import InvalidSetting, UnknownName
from mnist_app.learning.data.datasets import DATASETS, TRAINING_IMAGES, read_mnist
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.metrics import evaluation
from mnist_app.learning.networks.designs import SOURCES
from mnist_app.learning.training.configuration import INITIALIZERS, OPTIMIZERS, TrainingConfig
from mnist_app.learning.training.keras_script import ADDED, write_script
from mnist_app.learning.training.presets import PRESETS, build_model
from mnist_app.learning.training.training import Observer, train
from mnist_app.settings import PROJECT

LOADING = "(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()"

configurations = st.builds(
    TrainingConfig,
    preset=st.sampled_from(list(PRESETS)),
    dataset=st.sampled_from(DATASETS),
    epochs=st.integers(1, 200),
    batch_size=st.integers(1, 4096),
    optimizer=st.sampled_from(OPTIMIZERS),
    learning_rate=st.floats(1e-7, 10),
    momentum=st.floats(0, 0.999),
    validation_share=st.floats(0, 0.5),
    train_size=st.none() | st.integers(20, TRAINING_IMAGES["synthetic"]),
    seed=st.integers(0, 2**31 - 1),
    name=st.text(max_size=20),
    initializer=st.sampled_from(INITIALIZERS),
)
PUBLISHED = {
    "cnn": """\
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()

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

model.fit(x_train, y_train, batch_size=32, epochs=10)

image = x_test[np.random.randint(len(x_test))]
plt.imshow(image, cmap="gray")
plt.show()
image = image.reshape((1, 28, 28, 1)).astype("float32") / 255
prediction = model.predict(image)
print("Prediction:", np.argmax(prediction))
""",
    "dense": """\
import keras
from keras import layers

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()

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
model.summary()

model.fit(x_train, y_train, batch_size=128, epochs=5)

loss, accuracy = model.evaluate(x_test, y_test)
print("Test Accuracy:", round(accuracy, 4))
""",
}
"""The published programs, without what the app adds."""


def default(preset: str, /, **changes: object) -> TrainingConfig:
    return replace(PRESETS[preset].defaults, **changes)  # type: ignore[arg-type]


@settings(deadline=None)
@given(configurations)
def test_every_configuration_gives_a_program(config: TrainingConfig) -> None:
    script = write_script(config)
    compile(script, "script", "exec", dont_inherit=True)
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for node in ast.walk(ast.parse(script))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    allowed = {"math", "keras", "numpy"} | ({"mnist_app"} if config.dataset == "synthetic" else set())
    assert imported <= allowed | ({"matplotlib"} if config.preset == "cnn" else set())
    assert re.search(rf"epochs={config.epochs}\b", script)
    assert re.search(rf"batch_size={config.batch_size}\b", script)
    assert f"set_random_seed({config.seed})" in script


def test_the_programs_are_tidy(tmp_path: Path) -> None:
    """As programs of the field are, in lines of 88 characters, and as this project's own are."""
    options = {
        "dataset": DATASETS,
        "optimizer": OPTIMIZERS,
        "validation_share": (0.0, 1 / 12),
        "train_size": (None, 5000),
        "initializer": INITIALIZERS,
    }
    choices = itertools.product(PRESETS, *options.values())
    for number, (preset, *chosen) in enumerate(choices):
        config = default(preset, seed=12345, **dict(zip(options, chosen, strict=True)))
        (tmp_path / f"script_{number}.py").write_text(write_script(config), encoding="utf-8")
    settings = ["--config", str(PROJECT / "pyproject.toml"), "--no-cache"]
    ours = ["--config", 'lint.isort.known-first-party = ["mnist_app"]']
    for line_length in ("88", "110"):
        for command in (["check"], ["format", "--check"]):
            options = [*settings, *ours, "--line-length", line_length]
            ruff = [sys.executable, "-m", "ruff", *command, *options, "."]
            done = subprocess.run(ruff, cwd=tmp_path, text=True, capture_output=True, check=False)
            assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("preset", PUBLISHED)
def test_without_held_out_images_it_is_the_published_program_and_what_is_marked_as_added(preset: str) -> None:
    _, explanation, program = write_script(default(preset, validation_share=0.0)).split('"""', 2)
    blocks = program.strip().split("\n\n")
    added = [block for block in blocks if block.startswith(ADDED)]
    published = [block for block in blocks if block not in added]
    assert "\n\n".join(published) + "\n" == PUBLISHED[preset]
    words = ["a seed", *(["an evaluation"] if preset == "cnn" else [])]
    assert [block.removeprefix(ADDED)[: len(word)] for block, word in zip(added, words, strict=True)] == words
    assert SOURCES[preset] in " ".join(explanation.split())


def test_what_is_held_out_or_left_away_is_marked_as_added() -> None:
    program = write_script(default("dense", train_size=1000, validation_share=0.1))
    for block in program.split("\n\n"):
        if "x_val, y_val = " in block or "chosen" in block:
            assert block.startswith(ADDED)
    assert "validation_data=(x_val, y_val),  # added by the app\n" in program


def test_who_lacks_matplotlib_is_told_how_to_install_it() -> None:
    assert "pip install matplotlib" in write_script(default("cnn")).split('"""')[1]
    for preset in ("dense", "accurate"):
        assert "matplotlib" not in write_script(default(preset))


def test_a_run_from_before_has_the_first_weights_that_it_was_trained_from() -> None:
    kept = default("cnn").to_dict()
    del kept["initializer"]
    program = write_script(TrainingConfig.from_dict(kept))
    assert program.count('activation="relu", kernel_initializer="he_uniform"),\n') == 2
    assert "# This run is from an earlier version" in program


def test_what_a_script_cannot_have_is_said_in_it() -> None:
    left_out = " ".join(write_script(default("accurate")).split('"""')[1].split())
    assert "leaves out" in left_out and "digits written by rule" in left_out
    assert "run in the app's folder" in write_script(default("cnn", dataset="synthetic"))


def test_the_same_image_is_never_both_trained_on_and_held_out() -> None:
    """The lines that choose and hold out images, run on numbers in the images' place."""
    config = default("dense", train_size=100, validation_share=0.2, seed=3)
    chosen = np.random.default_rng(3).permutation(60_000)[:100]
    places = {"np": np, "x_train": np.arange(60_000), "y_train": np.arange(60_000)}
    wanted = ("chosen", "x_train, y_train", "x_val, y_val")
    for line in write_script(config).splitlines():
        if line.startswith(wanted):
            exec(line, places)
    np.testing.assert_array_equal(places["x_train"], chosen[:80])
    np.testing.assert_array_equal(places["y_val"], chosen[80:])


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"preset": "resnet"}, UnknownName, "resnet"),
        ({"dataset": "letters"}, UnknownName, "letters"),
        ({"train_size": 60_001}, InvalidSetting, "60,001"),
        ({"train_size": 20_001, "dataset": "synthetic"}, InvalidSetting, "20,001"),
    ],
)
def test_what_cannot_be_trained_gives_no_script(
    changes: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        write_script(default("cnn", **changes))


@pytest.mark.parametrize("preset", only_first_is_quick("dense", PRESETS))
def test_the_network_is_the_presets(preset: str) -> None:
    """The same layers with weights, of the same shapes, begun in the same way."""
    program = write_script(default(preset))
    before_training = program[: program.index("model.fit(")].replace(LOADING, small_arrays(240))
    before_training = before_training.replace("import matplotlib.pyplot as plt\n", "")
    found: dict[str, keras.Model] = {}
    exec(before_training.replace("-5000", "-20"), found)
    script, ours = found["model"], build_model(preset)
    assert described(script) == described(ours)
    assert script.count_params() == ours.count_params()
    assert [
        layer.name.split("_")[0] for layer in script.layers if isinstance(layer, keras.layers.Dropout)
    ] == [layer.name.split("_")[0] for layer in ours.layers if isinstance(layer, keras.layers.Dropout)]


def described(model: keras.Model) -> list[tuple[object, ...]]:
    """Of each layer that has weights: its kind, their shapes, activation and first values' distribution."""
    return [
        (
            type(layer).__name__,
            [tuple(weights.shape) for weights in layer.weights],
            getattr(layer, "strides", None),
            getattr(layer, "activation", None),
            type(getattr(layer, "kernel_initializer", None)).__name__,
            getattr(layer, "momentum", None),
        )
        for layer in model.layers
        if layer.weights
    ]


def small_arrays(count: int) -> str:
    return (
        "from mnist_app.ink.synthetic.synthesis import synthesise\n"
        f"(x_train, y_train), (x_test, y_test) = synthesise({count}, 1), synthesise({count}, 2)"
    )


@pytest.mark.slow
@pytest.mark.parametrize("preset", PRESETS)
def test_a_script_runs(preset: str, tmp_path: Path) -> None:
    """On digits written by rule, which need no MNIST; for real, warnings being errors."""
    needs_matplotlib(preset)
    config = default(preset, dataset="synthetic", epochs=2, train_size=1200, validation_share=0.1)
    script = write_script(config)
    for count, fewer in (("20000", "1200"), ("4000", "400")):
        script = script.replace(f"synthesise({count}", f"synthesise({fewer}")
    output = run(script, tmp_path)
    assert (parameters(output) is None) == (preset == "cnn")
    assert parameters(output) in (None, build_model(preset).count_params())
    assert (re.search(r"^Prediction: \d$", output, re.MULTILINE) is not None) == (preset == "cnn")
    assert accuracy(output) > (0.4 if preset != "accurate" else 0.05)


@pytest.mark.slow
def test_a_script_trains_on_keras_own_mnist(mnist_path: Path, tmp_path: Path) -> None:
    """With nothing changed but where the file lies: Keras would bring another packing of it anew."""
    config = default("dense", epochs=1, train_size=2000)
    output = run(with_mnist_at(mnist_path, write_script(config)), tmp_path)
    assert accuracy(output) > 0.7


@pytest.mark.slow
@pytest.mark.parametrize(("preset", "difference"), [("dense", 0.01), ("cnn", 0.02)])
def test_a_script_reaches_what_the_apps_own_run_reaches(
    preset: str, difference: float, mnist_path: Path, tmp_path: Path
) -> None:
    """On the same images from the same seed; the order of the images alone differs.

    Two orders differ by about 0.6 points after two epochs of `cnn` (standard deviation of twelve seeds).
    """
    needs_matplotlib(preset)
    config = default(preset, epochs=2, train_size=20_000, validation_share=0.1, seed=5)
    output = run(with_mnist_at(mnist_path, write_script(config)), tmp_path)
    dataset = read_mnist(mnist_path)
    model = build_model(config.preset, config.seed)
    result = train(model, dataset, config, Observer())
    probabilities = Classifier(model).probabilities_of(dataset.x_test.astype(np.float32) / 255)
    assert result.status == "finished"
    own = evaluation.accuracy(probabilities, dataset.y_test)
    assert accuracy(output) == pytest.approx(own, abs=difference)


def with_mnist_at(path: Path, script: str) -> str:
    """The script with its one line that loads MNIST reading this file."""
    assert script.count(LOADING) == 1
    return script.replace(
        LOADING,
        "import numpy as np\n"
        f"with np.load({str(path)!r}) as data:\n"
        '    names = ("x_train", "y_train", "x_test", "y_test")\n'
        "    x_train, y_train, x_test, y_test = (data[name] for name in names)",
    )


def needs_matplotlib(preset: str) -> None:
    if preset == "cnn":
        pytest.importorskip("matplotlib", reason="Matplotlib is not installed: run make test, which does it.")


def run(script: str, folder: Path) -> str:
    """What the script prints; as a program of its own, with the app to be found."""
    path = folder / "script.py"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning:__main__", str(path)],
        env={
            **{name: value for name, value in os.environ.items() if name != "DISPLAY"},  # no window
            "PYTHONPATH": str(PROJECT),
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "MPLBACKEND": "agg",
            "MPLCONFIGDIR": str(folder),
        },
        cwd=folder,
        text=True,
        capture_output=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def parameters(output: str) -> int | None:
    """What Keras's summary says, of the network alone; None without a summary."""
    found = re.search(r"Total params: ([\d,]+)", output)
    return None if found is None else int(found[1].replace(",", ""))


def accuracy(output: str) -> float:
    found = re.search(r"^Test Accuracy: ([\d.]+)$", output, re.MULTILINE)
    assert found
    return float(found[1])
