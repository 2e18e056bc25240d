"""A network's layers: what each gives, and where its number of weights comes from."""

import streamlit as st

from mnist_app.ui import resources


def show_layers(preset: str) -> None:
    """The table of a preset's layers, for whoever asks: the first time TensorFlow has to be there."""
    if not st.toggle("Layers and parameters", key="show_layers"):
        return
    with st.spinner("Building the network …", show_time=False):
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
