"""The table of a network's layers: output shapes and numbers of parameters."""

import streamlit as st

from mnist_app.ui.shared import resources


def show_layers(preset: str) -> None:
    """Show a popover with the table of a preset's layers. Opening it the first time loads TensorFlow."""
    place = st.popover("Layers", icon=":material/layers:", on_change="rerun", key="layers")
    if place.open:
        with place:
            _show_table(preset)


def _show_table(preset: str) -> None:
    with st.spinner("Building the network …"):
        layers = resources.layers_of(preset)
    st.table(
        {
            "layer": [layer.kind for layer in layers],
            "output": [" × ".join(str(side) for side in layer.output_shape) for layer in layers],
            "parameters": [
                f"{layer.arithmetic} = {layer.parameters:,}" if layer.arithmetic else "0" for layer in layers
            ],
        }
    )
    st.markdown(f"**{sum(layer.parameters for layer in layers):,} parameters in all**")
