# One image for all parts: the sidecar of argocd-repo-server (as it is), the admission webhook (arguments
# `mlgitops serve webhook ...`) and the analysis (`mlgitops serve analysis ...`). It runs as user 999 with a
# read-only root; it writes to /tmp and to the volumes that the manifests mount.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim
ARG KUSTOMIZE_IMAGE=registry.k8s.io/kustomize/kustomize:v5.8.1
ARG HELM_IMAGE=docker.io/alpine/helm:3.22.0

FROM ${NODE_IMAGE} AS bundle
WORKDIR /src
COPY package.json package-lock.json ./
# Install scripts do not run: esbuild needs none, and Node comes from the base image.
RUN npm ci --ignore-scripts --no-audit --no-fund
# The build renders an example, also from Git, to ship the compiled code.
RUN apt-get update && apt-get install -y --no-install-recommends git
COPY . .
RUN node scripts/build.ts

FROM ${KUSTOMIZE_IMAGE} AS kustomize

FROM ${HELM_IMAGE} AS helm

FROM ${NODE_IMAGE} AS root
# git finds a model's last commit; tini reaps processes that cmp-server, as process 1, would not.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates git tini \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /root/.npm /opt/yarn* /usr/local/include/node \
    /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* \
  && useradd --system --no-create-home --home-dir /tmp --shell /usr/sbin/nologin --uid 999 mlgitops \
  && ln -s ../lib/mlgitops/mlgitops.js /usr/local/bin/mlgitops
COPY --from=kustomize /app/kustomize /usr/local/bin/kustomize
COPY --from=helm /usr/bin/helm /usr/local/bin/helm
COPY --from=bundle /src/dist/ /usr/local/lib/mlgitops/
COPY --from=bundle /src/plugin/plugin.yaml /home/argocd/cmp-server/config/plugin.yaml
COPY LICENSE /usr/share/doc/mlgitops/LICENSE

# A copy, so that no layer contains removed files.
FROM scratch
LABEL org.opencontainers.image.title=mlgitops \
  org.opencontainers.image.description="GitOps for machine learning models: render, admit and judge" \
  org.opencontainers.image.licenses=Apache-2.0
COPY --from=root / /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp \
  NODE_COMPILE_CACHE=/tmp/node-compile-cache
USER 999
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["/var/run/argocd/argocd-cmp-server"]
