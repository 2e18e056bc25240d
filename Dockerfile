# The app in a container: docker build -t mnist-app . && docker run --rm -p 8501:8501 -v mnist-app:/data mnist-app
FROM python:3.12-slim

WORKDIR /app
COPY requirements.txt requirements.lock requirements-dev.txt constraints.txt ./
COPY tools tools
RUN PIP_NO_CACHE_DIR=1 python tools/set_up.py app
COPY . .

# A server or node of several machines (docs/several-machines.md): docker build --build-arg CLUSTER=yes
ARG CLUSTER=
RUN test -z "$CLUSTER" || .venv/bin/python -m pip install --no-cache-dir --only-binary :all: \
    --require-hashes --requirement requirements-cluster.lock

# Compiled now, because the user below may not write here. /data keeps runs, drawings, trained models and a
# downloaded MNIST when the container is gone; an mnist.npz in this folder is in the image. /files is for models
# that several servers see, /backups for backups and archives.
RUN python -m compileall -q mnist_app tools app.py \
    && useradd --system --no-create-home mnist-app \
    && mkdir /data /files /backups && chown mnist-app /data /files /backups
ENV MNIST_APP_HOME=/data KERAS_HOME=/data/keras HOME=/tmp PYTHONPATH=/app
ENV STREAMLIT_SERVER_ADDRESS=0.0.0.0 STREAMLIT_SERVER_HEADLESS=true
VOLUME /data
EXPOSE 8501
USER mnist-app
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "tools/healthy.py", "8501"]
CMD ["python", "tools/set_up.py", "run"]
