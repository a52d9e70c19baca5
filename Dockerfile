# One image for every part of the service; docker-compose.yml says which command each part runs.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/reciprocal

# Packages change less often than code, so they come first.
COPY requirements.lock ./
RUN pip install --require-hashes --requirement requirements.lock

COPY pyproject.toml ./
COPY migrations migrations
COPY policies policies
COPY service service
RUN pip install --no-deps --no-build-isolation --editable .

# Nothing runs as root; /data is the only place to write.
RUN useradd --system --uid 10001 --home-dir /data --create-home reciprocal
USER reciprocal
VOLUME /data
EXPOSE 8000
