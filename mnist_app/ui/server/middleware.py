"""The middleware that wraps Streamlit's own and all routes, the outermost first."""

from starlette.middleware import Middleware

from mnist_app.ui.server.upload_limits import UploadLimits

MIDDLEWARE = [Middleware(UploadLimits)]
