"""The pages of the small app: one with a field of 1 MB, one without."""

import streamlit as st

from mnist_app.ui.server import upload_fields


def with_field() -> None:
    upload_fields.file_field("A file", types=["zip"], key="file", megabytes=1, on_change=lambda: None)


def without_field() -> None:
    st.title("Nothing to give here")


chosen = st.navigation([st.Page(with_field, default=True), st.Page(without_field)])
upload_fields.begin_page(chosen.title)
chosen.run()
