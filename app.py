"""Entry of `streamlit run app.py`: page configuration and navigation."""

from mnist_app.ui import layout, navigation, stale_requests

layout.configure()
chosen = navigation.choose_page()
stale_requests.page_begins()
navigation.join_class(chosen.page)
layout.show_sidebar()
chosen.run()
