# The sidecar of argocd-repo-server: argocd-cmp-server starts `mlgitops render .` for every request.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim
ARG KUSTOMIZE_IMAGE=registry.k8s.io/kustomize/kustomize:v5.8.1

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund && npm run build

FROM ${KUSTOMIZE_IMAGE} AS kustomize

FROM ${NODE_IMAGE}
# git tells which commit touched a model last; tini reaps what cmp-server, as process 1, would not.
RUN apt-get update && apt-get install -y --no-install-recommends git tini \
  && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /opt/yarn*
COPY --from=kustomize /app/kustomize /usr/local/bin/kustomize
COPY --from=build /src/dist/mlgitops.js /usr/local/bin/mlgitops
COPY --from=build /src/plugin/plugin.yaml /home/argocd/cmp-server/config/plugin.yaml
ENV HOME=/tmp NODE_COMPILE_CACHE=/tmp/node-compile-cache
USER 999
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["/var/run/argocd/argocd-cmp-server"]
