"""The view "Each layer": feature maps, the most active neurons, and the output for the drawing."""

from typing import TYPE_CHECKING

import streamlit as st

from mnist_app.ui.look_inside.inside import Inside
from mnist_app.ui.look_inside.maps import maps_html
from mnist_app.ui.look_inside.neurons import neurons_html
from mnist_app.ui.parts.bars import bar
from mnist_app.ui.parts.terms import show_text
from mnist_app.ui.session.widgets import Key
from mnist_app.wording import number, percent_likely

if TYPE_CHECKING:
    from mnist_app.learning.explanation.layer_outputs import LayerOutputs, MapLayer, Neurons

ORDERS = ("by number", "most active first")
FIRST = """
Small [[filters]] slide over your drawing, and each makes a [[feature map]] of it: bright where the filter
found its pattern, black where it did not. What is below 0 was made 0 by [[ReLU]]. Point at a map, or choose
it, to see its filter.
"""
LATER = """
Each of these [[feature maps]] is made of all maps of the layer before, again by [[filters]] and [[ReLU]]. The
deeper the layer, the coarser its maps, and the harder to say what they stand for. Point at a map, or choose
it, to see where it is strongest.
"""
POOLING = """
[[Max pooling]] keeps the largest of each four neighbours: the maps shrink, and what was found stays.
"""
WITHOUT_MAPS = """
This network has no [[convolution]], so there are no maps to see. It has **{count}** [[neurons]] instead, and
each neuron looks at the whole drawing at once, through [[weights]] of its own for all 784 pixels.
"""
DIRECT = "The picture of a neuron is its 784 [[weights]]: blue where it likes ink, orange where it does not."
INDIRECT = """
The [[dense layer]] looks at all pooled maps at once. The picture of a [[neuron]] shows how it hangs on your
drawing: more ink on blue would make this neuron more active, more ink on orange less. This is true near this
drawing, and other for another.
"""
VOTES = """
Of the {count} neurons {active} are active, that is, above 0; here are the {shown} with the largest
[[activation]]. Each votes on the ten digits: what it adds to a digit's score is its activation × a
[[weight]].
"""
OUTPUT = """
The votes of all neurons are added up, which gives each digit a score, its [[logit]]. [[Softmax]] makes ten
[[probabilities]] of these.
"""
OUTPUT_OF_MAPS = """
All numbers of the last maps are multiplied by [[weights]] and added up, which gives each digit a score, its
[[logit]]. [[Softmax]] makes ten [[probabilities]] of these.
"""


def show_each_layer(inside: Inside) -> None:
    """Show the maps if the network has any, the most active neurons, and the ten outputs."""
    outputs = inside.recogniser.explain(lambda explainer: explainer.layers.read(inside.image))
    if outputs.map_layers:
        _show_map_layers(inside, outputs.map_layers)
    elif outputs.neurons:
        show_text(WITHOUT_MAPS.format(count=outputs.neurons.count))
    if outputs.neurons:
        _show_neurons(outputs.neurons)
    show_text("#### Output\n" + (OUTPUT if outputs.neurons else OUTPUT_OF_MAPS))
    st.html(_output_html(outputs))


def _show_map_layers(inside: Inside, layers: "tuple[MapLayer, ...]") -> None:
    """Show all layers if there are at most two, else a chosen one."""
    with st.container(horizontal=True):
        chosen = layers if len(layers) <= 2 else (_choose_layer(layers),)
        order = st.segmented_control(
            "Order of the maps",
            ORDERS,
            default=ORDERS[0],
            key=Key.MAP_ORDER,
            required=True,
            persist_state="session",
        )
    for layer in chosen:
        place = layers.index(layer)
        _describe(layer, place)
        before = layers[place - 1] if layer.kind == "pooling" else None
        st.html(maps_html(layer, before, inside.image, order == ORDERS[1]))


def _choose_layer(layers: "tuple[MapLayer, ...]") -> "MapLayer":
    names = [
        str(place + 1) if layer.kind == "convolution" else "pooling" for place, layer in enumerate(layers)
    ]
    key = f"{Key.MAP_LAYER}-{len(layers)}"
    chosen = st.segmented_control(
        "Layer", names, default=names[0], key=key, required=True, persist_state="session"
    )
    return layers[names.index(chosen or names[0])]


def _describe(layer: "MapLayer", place: int) -> None:
    height, width, count = layer.maps.shape
    kind = "Max pooling" if layer.kind == "pooling" else "Convolution"
    text = POOLING if layer.kind == "pooling" else FIRST if layer.filters else LATER
    show_text(f"#### {kind}: {count} maps of {height}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{width}\n{text}")


def _show_neurons(neurons: "Neurons") -> None:
    show_text(
        "#### Dense neurons\n"
        + (DIRECT if neurons.see_the_drawing else INDIRECT)
        + VOTES.format(count=neurons.count, active=neurons.active, shown=len(neurons.numbers))
    )
    st.html(neurons_html(neurons))


def _output_html(outputs: "LayerOutputs") -> str:
    """Return a table of each digit's score and probability."""
    first = int(outputs.logits.argmax())
    rows = "".join(
        f'<tr class="{"first" if digit == first else ""}"><th>{digit}</th>'
        f'<td class="amount">{number(outputs.logits[digit])}</td>'
        f'<td class="amount">{percent_likely(share)}</td><td>{bar(share)}</td></tr>'
        for digit, share in enumerate(map(float, outputs.probabilities))
    )
    return (
        '<table class="facts softmax outputs"><thead><tr><th>digit</th><th class="amount">score</th>'
        f'<th class="amount">probability</th><th></th></tr></thead><tbody>{rows}</tbody></table>'
    )
