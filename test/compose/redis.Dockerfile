# Debian's Redis over the image that is there anyhow, for a test run where the image of docker-compose.yml cannot be pulled.
FROM node:24-bookworm-slim
LABEL coinslot.stage=build
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/*
WORKDIR /data
