# One image for each program:
#   docker build --build-arg APP=time-to-dispatch-serve --tag time-to-dispatch-serve .
#   docker build --build-arg APP=time-to-dispatch-train --tag time-to-dispatch-train .
ARG APP

FROM node:24.21.0-bookworm-slim AS build
ARG APP
ENV CI=true
WORKDIR /repository
RUN npm install --global pnpm@12.21.0
# Downloads depend on the lockfile alone: a change of the sources downloads nothing.
COPY pnpm-lock.yaml pnpm-workspace.yaml package.json ./
RUN pnpm fetch
COPY . .
RUN pnpm install --offline --frozen-lockfile
RUN pnpm run build
# Only the program and its production dependencies.
RUN pnpm --filter "@ml-pipelines/${APP}" deploy --prod /app

# Training allocates much at a time: with a small space for new objects it spends more time on garbage.
FROM node:24.21.0-bookworm-slim AS time-to-dispatch-train

# Requests allocate little: 4 MB for new objects, in place of up to 32 MB, saves memory at no cost of processor time.
FROM node:24.21.0-bookworm-slim AS time-to-dispatch-serve
ENV NODE_OPTIONS=--max-semi-space-size=4

FROM ${APP}
ARG GIT_COMMIT_HASH=NA
# Training writes the commit into every model.
ENV NODE_ENV=production GIT_COMMIT_HASH=${GIT_COMMIT_HASH}
WORKDIR /app
# Root owns the files, so the program cannot change itself.
COPY --from=build /app ./
USER 1000:1000
EXPOSE 8000
# Without a shell in between, signals reach the program itself.
ENTRYPOINT ["node", "--enable-source-maps", "dist/main.js"]
