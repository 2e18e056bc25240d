"""The script that Streamlit runs for every page: configuration, admission and navigation.

`app.py` names it. No folder `pages` may lie beside it, because Streamlit would take that for the navigation.
"""

from mnist_app.ui.frame import layout, navigation, sign_in, waiting_runs
from mnist_app.ui.server import upload_fields
from mnist_app.ui.streamlit_fixes import stale_requests

layout.configure()
sign_in.admit()
chosen = navigation.choose_page()
stale_requests.page_begins()
navigation.join_class(chosen.page)
layout.show_sidebar()
layout.show_link_messages()
chosen.run()
layout.show_at_the_edge()
upload_fields.end_page()
waiting_runs.see_to_waiting_runs()
