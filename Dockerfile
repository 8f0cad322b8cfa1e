# Both stages use the same Node and the same Debian, because better-sqlite3 is compiled in one and loaded in the other.
# The full image has the compiler; the slim one does not. Raise both tags together (test/packaging checks it).
FROM node:26.10.0-bookworm AS build
WORKDIR /app

# Scripts of dependencies stay off; the one that is needed is named (see allowScripts in package.json).
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund && npm rebuild better-sqlite3

# Not lab, not test: the image holds the product only.
COPY tsconfig.json tsconfig.build.json cli.config.ts ./
COPY schema/ schema/
COPY engine/ engine/
COPY data/ data/
COPY commands/ commands/
COPY bot/ bot/
RUN npm run build \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf dist/.tsbuildinfo node_modules/better-sqlite3/deps node_modules/better-sqlite3/src \
 && find node_modules/better-sqlite3/build -type f ! -name better_sqlite3.node -delete \
 && find node_modules -name '*.map' -delete \
 && node dist/bot/cli.js --help > /dev/null


FROM node:26.10.0-bookworm-slim
# bot.yml goes to /etc/sentinel, whose `state` is the volume; mount the whole folder over it and bot.yml must say `state: /state`.
# git and ssh: services repositories are read with the git command line. tini: collects what git leaves behind.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git openssh-client tini \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o 1000 -g 1000 -m 0700 /state \
 && install -d /etc/sentinel && ln -s /state /etc/sentinel/state

# The program belongs to root, so the user it runs as cannot change it.
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules/ node_modules/
COPY --from=build /app/dist/ dist/
RUN ln -s /app/dist/bot/cli.js /usr/local/bin/sentinel && chmod 755 dist/bot/cli.js

ENV NODE_ENV=production \
    NODE_OPTIONS=--enable-source-maps \
    SENTINEL_CONFIG=/etc/sentinel/bot.yml \
    SENTINEL_STATE=/state \
    SENTINEL_HEALTH_URL=http://127.0.0.1:8080/healthz
USER 1000:1000
VOLUME /state
STOPSIGNAL SIGTERM
# Asks the bot itself; follow `health.listen` of bot.yml with SENTINEL_HEALTH_URL when that is changed.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(process.env.SENTINEL_HEALTH_URL, { signal: AbortSignal.timeout(4000) }).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/bot/main.js"]
