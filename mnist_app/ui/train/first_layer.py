"""The first layer of a network in training as pictures, at any moment of the training."""

import numpy as np
import streamlit as st

from mnist_app.learning.explanation.first_layer import LEVELS, MOST_NEURONS, WeightPictures
from mnist_app.learning.networks.designs import DESIGNS
from mnist_app.ui.parts.figures import signed_colours, signed_legend
from mnist_app.ui.parts.images import Pixels, png_uri
from mnist_app.ui.parts.terms import show_text
from mnist_app.ui.shared import resources
from mnist_app.wording import counted
from mnist_app.workspace.runs.records import Run, Snapshot

_SHADES = 15
"""Shades of each colour. More cannot be told apart, and would make the picture that is sent larger."""
_COLOURS: Pixels = np.round(signed_colours(np.linspace(-1, 1, 2 * _SHADES + 1)[None])[0]).astype(np.uint8)
_MEANING = "Blue: ink here excites it. Orange: ink here calms it. Black: no difference."


def show_first_layer(run: Run, epoch: float | None) -> None:
    """Show the first layer at a moment of the training; nothing for an ended run that has no snapshots.

    Args:
        run: The run.
        epoch: The moment in epochs; None for the latest.
    """
    snapshot = resources.store().snapshot(run.id, epoch)
    if snapshot is None and run.status.ended:
        return
    is_now = epoch is None and not run.status.ended
    show_text(f"**What its [[first layer]] looks for{', now' if is_now else ''}**")
    st.html(first_layer_html(snapshot) if snapshot else _empty_html(run))


def first_layer_html(snapshot: Snapshot) -> str:
    """Return the pictures of a snapshot with their number, their moment and a legend."""
    pictures = snapshot.pictures
    count = len(pictures.levels)
    kind = "neuron" if pictures.are_neurons else "filter"
    of_all = f"{count} of {pictures.units} {kind}s" if count < pictures.units else counted(count, kind)
    words = f"{of_all} after {snapshot.moment.epoch:.2f} epochs"
    return _html(count, words, signed_legend(pictures.largest, _MEANING), strip_uri(pictures))


def strip_uri(pictures: WeightPictures) -> str:
    """Return all pictures, one below the other, as the data URI of one image."""
    shades = np.round(pictures.levels * (_SHADES / LEVELS)) + _SHADES
    strip = shades.astype(np.uint8).reshape(-1, pictures.levels.shape[2])
    return png_uri(strip, palette=_COLOURS)


def _empty_html(run: Run) -> str:
    """Return black pictures, which keep the place until the network is built."""
    design = DESIGNS.get(run.config.preset)
    count = MOST_NEURONS if design and not design.filters else 32
    return _html(count, "Not built yet", "")


def _html(count: int, words: str, legend: str, uri: str = "") -> str:
    """Return pictures with a line of words and a legend.

    Args:
        count: Number of pictures.
        words: What they are.
        legend: HTML of the legend.
        uri: Address of the image that has the pictures one below the other; "" for black pictures.
    """
    places = [number / max(count - 1, 1) for number in range(count)]
    tiles = "".join(f'<i style="background-position:0 {place:.4%}"></i>' for place in places)
    image = f";--weights:url({uri})" if uri else ""
    return (
        f'<section class="first-layer" style="--count:{count}{image}">'
        f'<div role="img" aria-label="{words}">{tiles}</div>'
        f"<div><span>{words}</span>{legend}</div></section>"
    )
