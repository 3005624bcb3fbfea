# The lab with torch for CPUs, by itself or as the services of compose.yaml: see docs/serving.md.
#   docker build --tag sphere2vec-lab .
#   docker run --rm --publish 127.0.0.1:8501:8501 --volume lab:/data sphere2vec-lab

FROM python:3.11-slim

# GDAL in the wheel of rasterio needs libexpat, which a slim image may lack.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libexpat1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 lab \
    && install -d -o lab -g lab -m 700 /data

WORKDIR /app

# torch first and from the index of its builds for CPUs: elsewhere pip may take one with CUDA, which is far larger.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY requirements.txt constraints.txt ./
RUN pip install --no-cache-dir --no-deps --index-url "$TORCH_INDEX" "$(grep '^torch==' requirements.txt)" \
    && pip install --no-cache-dir -r requirements.txt -c constraints.txt

COPY app.py ./
COPY .streamlit .streamlit
COPY pages pages
COPY assets assets
COPY s2v s2v
# The lab's user cannot write here, so Python could not keep what it has compiled.
RUN python -m compileall -q .

# With malloc the server returns the memory of a class to the system.
ENV PYTHONPATH=/app \
    PYTHONMALLOC=malloc \
    PYTHONUNBUFFERED=1 \
    S2V_STORE=/data \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_SERVER_PORT=8501

USER 1000
VOLUME /data
EXPOSE 8501

# The path is that of the proxy, if there is one.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-m", "s2v.ui.health"]

# One training process for each core of the container, as far as it has 2 GB of memory for each.
CMD ["python", "-m", "s2v", "lab"]
