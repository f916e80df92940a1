# syntax=docker/dockerfile:1
# The programs that run beside Kafka, each a target of its own:
#
#   docker build --target mqtt-connector --tag mqtt-connector .
#   docker run --rm mqtt-connector --help

# To find the digest of another version: docker buildx imagetools inspect node:24.21.0-bookworm-slim
ARG NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:2fe369e969550cde8e867afc3fe370b260140cab4a23d467074295b42163d553

FROM ${NODE_IMAGE} AS build
# What compiles node-rdkafka.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates g++ make python3 libssl-dev zlib1g-dev \
  && rm -rf /var/lib/apt/lists/*
# Nothing of pnpm runs before its integrity is checked.
WORKDIR /opt/toolchain
COPY package.json scripts/toolchain-integrity.mjs /tmp/
RUN npm install --no-save --ignore-scripts --no-audit --no-fund --prefix . "$(node --print 'require("/tmp/package.json").packageManager')" \
  && node /tmp/toolchain-integrity.mjs . \
  && npm rebuild --prefix .
ENV PATH=/opt/toolchain/node_modules/.bin:$PATH
WORKDIR /srv
COPY . .
ENV CI=true
# The libraries that are bundled into the programs are built first: the programs do not depend on them.
ARG BUNDLED="--filter-prod @preservarium/connector-process..."
ARG APPS="--filter-prod @preservarium/mqtt-connector... --filter-prod @preservarium/coap-connector... --filter-prod @preservarium/http-connector... --filter-prod @preservarium/device-simulator... --filter-prod @preservarium/gateway..."
# First all that building needs, then only what the programs need; the store is kept from build to build.
RUN --mount=type=cache,id=pnpm-store,target=/pnpm-store,sharing=locked \
  pnpm install --frozen-lockfile --store-dir /pnpm-store ${BUNDLED} ${APPS} \
  && pnpm ${BUNDLED} run build \
  && pnpm ${APPS} --filter-prod '!@preservarium/connector-process...' run build \
  && rm -rf node_modules packages/*/node_modules apps/*/node_modules \
  && pnpm install --frozen-lockfile --prod --store-dir /pnpm-store ${BUNDLED} ${APPS}
# The programs load the rdkafka backend where it is installed beside them.
RUN mkdir -p apps/node_modules/@preservarium \
  && ln -s ../../../packages/backend-rdkafka apps/node_modules/@preservarium/backend-rdkafka \
  && ln -s ../packages/command-line/node_modules/node-rdkafka node_modules/node-rdkafka

FROM ${NODE_IMAGE} AS runtime
# What node-rdkafka is linked with.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates libssl3 zlib1g \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /srv
COPY --from=build /srv/node_modules ./node_modules
COPY --from=build /srv/packages ./packages
COPY --from=build /srv/apps ./apps
# The user `node` by its number: a Kubernetes pod with runAsNonRoot takes no name.
USER 1000

FROM runtime AS device-simulator
ENTRYPOINT ["node", "apps/device-simulator/dist/main.js"]

FROM runtime AS connector
# On a large machine, Node.js takes 128 MiB for short-lived objects otherwise.
ENV NODE_OPTIONS=--max-semi-space-size=16
ENV HEALTH_PORT=8080 HEALTH_HOST=0.0.0.0
EXPOSE 8080/tcp
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:' + process.env.HEALTH_PORT + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

FROM runtime AS gateway
ENV GATEWAY_HOST=0.0.0.0 GATEWAY_PORT=8000
EXPOSE 8000/tcp
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:' + process.env.GATEWAY_PORT + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "apps/gateway/dist/main.js"]

FROM connector AS coap-connector
EXPOSE 5683/udp
ENTRYPOINT ["node", "apps/coap-connector/dist/main.js"]

FROM connector AS http-connector
ENTRYPOINT ["node", "apps/http-connector/dist/main.js"]

FROM connector AS mqtt-connector
ENTRYPOINT ["node", "apps/mqtt-connector/dist/main.js"]
