"""Entry of `streamlit run app.py`: page configuration and navigation."""

import streamlit as st

from mnist_app.ui import layout, stale_requests

layout.configure()
pages = [
    st.Page("mnist_app/ui/pages/draw.py", title="Draw", icon=":material/draw:", default=True),
    st.Page("mnist_app/ui/pages/train.py", title="Train", icon=":material/model_training:"),
    st.Page("mnist_app/ui/pages/runs.py", title="Runs", icon=":material/stacked_line_chart:"),
    st.Page("mnist_app/ui/pages/test_images.py", title="Test images", icon=":material/grid_on:"),
    st.Page("mnist_app/ui/pages/class_drawings.py", title="Class drawings", icon=":material/groups:"),
    st.Page("mnist_app/ui/pages/learn.py", title="Learn", icon=":material/school:"),
]
page = st.navigation(pages)
stale_requests.page_begins()
layout.show_sidebar()
page.run()
