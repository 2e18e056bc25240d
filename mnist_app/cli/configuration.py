"""The options of a training configuration, shared by `train` and `script`."""

from collections.abc import Callable
from dataclasses import replace
from inspect import signature
from typing import Annotated, Any

import typer

from mnist_app.cli.options import DatasetName
from mnist_app.learning.training.configuration import LIMITS, LONGEST_NAME, OPTIMIZERS, TrainingConfig
from mnist_app.learning.training.presets import PRESETS, get_preset


def _help(name: str) -> str:
    """Return a hyperparameter's meaning and range."""
    limit = LIMITS[name]
    return f"{limit.meaning} {limit.minimum:.12g} to {limit.maximum:.12g}."


def configuration_of(  # noqa: PLR0913, PLR0917 (an argument for each option)
    preset: Annotated[str, typer.Option(metavar="P", help=f"The network: {', '.join(PRESETS)}.")],
    dataset: DatasetName = "mnist",
    epochs: Annotated[int | None, typer.Option(help=_help("epochs"))] = None,
    batch_size: Annotated[int | None, typer.Option(help=_help("batch_size"))] = None,
    optimizer: Annotated[str | None, typer.Option(help=f"One of: {', '.join(OPTIMIZERS)}.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help=_help("learning_rate"))] = None,
    momentum: Annotated[float | None, typer.Option(help=_help("momentum"))] = None,
    validation_share: Annotated[float | None, typer.Option(help=_help("validation_share"))] = None,
    train_size: Annotated[int | None, typer.Option(help=_help("train_size"))] = None,
    seed: Annotated[int | None, typer.Option(help=_help("seed"))] = None,
    name: Annotated[
        str | None, typer.Option(help=f"What to call it: at most {LONGEST_NAME} characters.")
    ] = None,
) -> TrainingConfig:
    """Return the preset's configuration with the given options in place of its own.

    Raises:
        UnknownName: There is no such preset.
        InvalidSetting: A value is outside its range.
    """
    given = {
        "dataset": dataset,
        "epochs": epochs,
        "batch_size": batch_size,
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "momentum": momentum,
        "validation_share": validation_share,
        "train_size": train_size,
        "seed": seed,
        "name": name,
    }
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    return replace(get_preset(preset).defaults, **changes)


def configured(command: Callable[[TrainingConfig, bool], None]) -> Callable[..., None]:
    """Return the command for Typer, with the options of `configuration_of` in place of its `config`."""

    def with_options(as_json: bool, **options: Any) -> None:
        command(configuration_of(**options), as_json)

    of_command = signature(command)
    parameters = [*signature(configuration_of).parameters.values(), of_command.parameters["as_json"]]
    with_options.__name__, with_options.__doc__ = command.__name__, command.__doc__
    # Typer makes the options from the signature.
    with_options.__signature__ = of_command.replace(parameters=parameters)  # type: ignore[attr-defined]
    return with_options
