"""What a configuration accepts, what it refuses, and that what it refuses is named."""

import json
import math
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.errors import InvalidSetting
from mnist_app.learning.training.configuration import LIMITS, LONGEST_NAME, OPTIMIZERS, Limit, TrainingConfig

NUMBERS = sorted(LIMITS)


@pytest.mark.parametrize("name", NUMBERS)
def test_both_ends_of_each_limit_are_accepted(name: str) -> None:
    limit = LIMITS[name]
    for end in (limit.minimum, limit.maximum):
        value = int(end) if limit.whole else end
        assert getattr(replace(TrainingConfig(), **{name: value}), name) == value


@pytest.mark.parametrize("name", NUMBERS)
def test_what_lies_beyond_a_limit_is_refused_with_the_value_and_the_limits(name: str) -> None:
    limit = LIMITS[name]
    step = 1 if limit.whole else 1e-9
    for value in (limit.minimum - step, limit.maximum + step):
        with pytest.raises(InvalidSetting) as caught:
            replace(TrainingConfig(), **{name: int(value) if limit.whole else value})
        text = str(caught.value)
        assert name.replace("_", " ") in text
        assert f"{limit.minimum:.12g}" in text
        assert f"{limit.maximum:.12g}" in text
        assert "\n" not in text


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["5", "", b"5", True, False, math.nan, math.inf, -math.inf, [], {}, 1j])
def test_what_is_no_number_is_refused(name: str, value: object) -> None:
    with pytest.raises(InvalidSetting):
        replace(TrainingConfig(), **{name: value})


@pytest.mark.parametrize("name", [name for name in NUMBERS if name != "train_size"])
def test_only_the_train_size_may_be_none(name: str) -> None:
    assert TrainingConfig(train_size=None).train_size is None
    with pytest.raises(InvalidSetting):
        replace(TrainingConfig(), **{name: None})


@pytest.mark.parametrize("name", [name for name in NUMBERS if LIMITS[name].whole])
def test_a_float_is_no_whole_number(name: str) -> None:
    with pytest.raises(InvalidSetting, match="whole number"):
        replace(TrainingConfig(), **{name: LIMITS[name].minimum + 1.0})


def test_a_whole_number_may_stand_for_a_fraction() -> None:
    rate = TrainingConfig(learning_rate=1).learning_rate
    assert rate == 1.0
    assert isinstance(rate, float)


@given(st.one_of(st.integers(), st.floats(allow_nan=True), st.text(), st.booleans(), st.none()))
def test_a_number_is_kept_only_within_its_limits(value: object) -> None:
    limit = LIMITS["validation_share"]
    try:
        kept = TrainingConfig(validation_share=value).validation_share  # type: ignore[arg-type]
    except InvalidSetting:
        return
    assert isinstance(value, int | float)
    assert kept == value
    assert limit.minimum <= kept <= limit.maximum


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_optimizer_is_accepted(optimizer: str) -> None:
    assert TrainingConfig(optimizer=optimizer).optimizer == optimizer


@pytest.mark.parametrize("optimizer", ["SGD", "", "nadam", None, 3])
def test_another_optimizer_is_refused(optimizer: object) -> None:
    with pytest.raises(InvalidSetting, match="optimizer"):
        TrainingConfig(optimizer=optimizer)  # type: ignore[arg-type]


def test_a_name_has_a_longest_length() -> None:
    assert TrainingConfig(name="n" * LONGEST_NAME).name == "n" * LONGEST_NAME
    with pytest.raises(InvalidSetting) as caught:
        TrainingConfig(name="n" * 10_000)
    assert "10000" in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("field", ["preset", "dataset", "name"])
def test_a_name_is_text(field: str) -> None:
    with pytest.raises(InvalidSetting, match=field):
        replace(TrainingConfig(), **{field: 3})


def test_the_message_stays_short_whatever_came() -> None:
    with pytest.raises(InvalidSetting) as caught:
        TrainingConfig(epochs="9" * 10_000)  # type: ignore[arg-type]
    assert len(str(caught.value)) < 200


def test_json_gives_the_same_configuration_back() -> None:
    config = TrainingConfig(
        preset="dense", train_size=100, learning_rate=0.1, validation_share=0.25, name="ä"
    )
    assert TrainingConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_a_configuration_from_before_keeps_the_first_weights_that_it_had() -> None:
    kept = {preset: TrainingConfig(preset=preset).to_dict() for preset in ("dense", "cnn", "accurate")}
    for values in kept.values():
        assert TrainingConfig.from_dict(values).initializer == values.pop("initializer") == "glorot_uniform"
    earlier = {preset: TrainingConfig.from_dict(values).initializer for preset, values in kept.items()}
    assert earlier == {"dense": "glorot_uniform", "cnn": "he_uniform", "accurate": "glorot_uniform"}
    again = TrainingConfig.from_dict(TrainingConfig.from_dict(kept["cnn"]).to_dict())
    assert again.initializer == "he_uniform"


def test_an_unknown_rule_of_the_first_weights_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="initializer is 'zeros'; it can be glorot_uniform, he_uniform"):
        TrainingConfig(initializer="zeros")


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="learning_rat"):
        TrainingConfig.from_dict({"learning_rat": 0.1})


def test_defaults_are_within_their_limits() -> None:
    assert TrainingConfig().validation_share == pytest.approx(5_000 / 60_000)


def test_limits_say_what_they_mean() -> None:
    for limit in LIMITS.values():
        assert isinstance(limit, Limit)
        assert limit.meaning.endswith(".")
        assert limit.minimum < limit.maximum


def test_tensorflow_stays_out() -> None:
    """The modules that pages and the command line read before they train do not import TensorFlow."""
    program = (
        "import mnist_app.learning.training.configuration, mnist_app.learning.training.presets, "
        "mnist_app.learning.inference.model_card, mnist_app.learning.metrics.evaluation, sys; "
        "sys.exit(any(name.split('.')[0] in ('tensorflow', 'keras') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0
