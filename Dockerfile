# Both programs, one image each:
#   docker build --build-arg APP=time-to-dispatch-serve --tag time-to-dispatch-serve .
#   docker build --build-arg APP=time-to-dispatch-train --tag time-to-dispatch-train .

FROM node:24.21.0-bookworm-slim AS build
ARG APP
ENV CI=true
WORKDIR /repository
RUN npm install --global pnpm@12.21.0
# What is downloaded depends on the lockfile alone: a change of the sources downloads nothing.
COPY pnpm-lock.yaml pnpm-workspace.yaml package.json ./
RUN pnpm fetch
COPY . .
RUN pnpm install --offline --frozen-lockfile
RUN pnpm run build
# The program with its production dependencies and nothing else.
RUN pnpm --filter "@ml-pipelines/${APP}" deploy --prod /app

FROM node:24.21.0-bookworm-slim
ARG GIT_COMMIT_HASH=NA
# The commit is written into every model that this image trains.
ENV NODE_ENV=production GIT_COMMIT_HASH=${GIT_COMMIT_HASH}
WORKDIR /app
# Owned by root, so that the program cannot change itself.
COPY --from=build /app ./
USER 1000:1000
EXPOSE 8000
# No shell in between: signals reach the program itself.
ENTRYPOINT ["node", "--enable-source-maps", "dist/main.js"]
