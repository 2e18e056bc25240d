# The app in a container: docker build -t mnist-app . && docker run --rm -p 8501:8501 -v mnist-app:/data mnist-app
FROM python:3.12-slim

WORKDIR /app
COPY requirements.txt requirements-dev.txt constraints.txt ./
COPY tools tools
RUN PIP_NO_CACHE_DIR=1 python tools/set_up.py app
COPY . .

# /data keeps trained models and the downloaded MNIST when the container is gone.
ENV MNIST_APP_HOME=/data KERAS_HOME=/data/keras STREAMLIT_SERVER_ADDRESS=0.0.0.0
VOLUME /data
EXPOSE 8501
CMD ["python", "tools/set_up.py", "run"]
