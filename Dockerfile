# Builds from the checkout alone; the image holds what the package holds without types and source maps, its dependencies, the Redis client for
# --store, and nothing to build with.
FROM node:24-bookworm-slim AS build
# By this label what is left of building can be found and removed.
LABEL coinslot.stage=build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build \
  && mkdir /app \
  && tar xzf "$(npm pack --silent --ignore-scripts)" -C /app --strip-components=1 \
  && npm prune --omit=dev --no-audit --no-fund \
  && npm install --prefix /client --no-audit --no-fund "ioredis@$(node -p "require('./package.json').devDependencies.ioredis")" \
  && cp -rn /client/node_modules/. node_modules/ \
  && mv node_modules /app/ \
  && find /app -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.[cm]ts' \) -delete

FROM node:24-bookworm-slim
ENV NODE_ENV=production COINSLOT_HOST=0.0.0.0 COINSLOT_DATA=/data
WORKDIR /app
COPY --from=build /app ./
# The certificate to trust is alone in a folder, so that a volume can share it without the keys beside it.
# Group 0 may do what the owner may, for clusters that run images under a user id of their own.
RUN mkdir -p /data/tls/public && chown -R 1000:0 /data && chmod 770 /data /data/tls && chmod 775 /data/tls/public
# As numbers, because a cluster that refuses root cannot tell who a name is.
USER 1000:0
VOLUME /data
EXPOSE 4010 80 443 8488 10443
# It asks the port of COINSLOT_PORT. Each check starts a process, so that it is not more frequent; a start interval would need Docker 25, and
# older ones refuse to build with it.
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 CMD ["node", "dist/bin.js", "ready"]
ENTRYPOINT ["node", "dist/bin.js"]
