import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { DemoRepository, models } from '../../../bin/demo/repository.ts'
import { run } from '../../../bin/run.ts'
import { generateKeyPair, readSigningKey } from '../../../evidence/attestation/key.ts'
import { buildArtifact } from '../../../plugin/flux/artifact/artifact.ts'
import { renderRelease } from '../../../plugin/flux/release/render-release.ts'
import { unpack } from '../../../plugin/flux/source/unpack.ts'

const address = 'https://git.example.com/acme/mlops-repo.git'
const environments = ['staging', 'production']
const work = mkdtempSync(path.join(tmpdir(), 'mlgitops-same-bytes-'))
t.teardown(() => {
  rmSync(work, { recursive: true })
})
const pem = generateKeyPair().privatePem
const keyFile = path.join(work, 'signing.key')
writeFileSync(keyFile, pem)

/** The example, which names models by their digests: sources of Flux have no history. */
const repository = new DemoRepository(path.join(work, 'mlops-repo'))

/** Manifests without what names the model commit. */
const unattested = (manifests: string) =>
  manifests.replace(/^ +mlgitops\.io\/(?:model-commit|attestation): .*\n/gm, '')

const commit = repository.commit('Everything')
const applications = [...models, 'overlays/staging', 'overlays/production']

const hasKustomize =
  spawnSync('kubectl', ['kustomize', '--help']).status === 0 ||
  spawnSync('kustomize', ['version']).status === 0

/** The output of Argo CD's plugin. */
async function argocd(application: string, environment: string): Promise<string> {
  const { stdout, stderr, exitCode } = await run({
    args: ['render', '.', '--key', keyFile],
    env: {
      ARGOCD_APP_REVISION: commit,
      ARGOCD_APP_SOURCE_PATH: application,
      ARGOCD_APP_SOURCE_REPO_URL: address,
      ARGOCD_APP_SOURCE_TARGET_REVISION: 'main',
      ARGOCD_APP_NAME: 'release',
      ARGOCD_APP_NAMESPACE: 'ml',
      ARGOCD_APP_PROJECT_NAME: 'default',
      ARGOCD_ENV_ENVIRONMENT: environment,
      PATH: process.env.PATH
    },
    folder: path.join(repository.folder, application)
  })
  if (exitCode !== 0) throw new Error(stderr)
  return stdout
}

/** The manifests in the artifact for Flux, rendered from the archive of the commit. */
async function flux(application: string, environment: string): Promise<string> {
  const folder = mkdtempSync(path.join(work, 'source-'))
  const archive = path.join(work, 'archive.tar.gz')
  execFileSync('git', ['archive', '--format=tar.gz', '-o', archive, commit], {
    cwd: repository.folder
  })
  const limits = { maxBytes: 100_000_000, maxEntries: 1_000 }
  await unpack(archive, folder, limits, new AbortController().signal)
  const rendered = await renderRelease({
    folder,
    name: 'release',
    release: {
      sourceRef: { kind: 'GitRepository', name: 'mlops-repo', namespace: 'ml' },
      ...{ path: application, environment, targetNamespace: 'ml', artifactName: 'release' },
      ...{ values: {}, valuesFrom: [], keySecret: 'key', intervalMs: 60_000, isSuspended: false }
    },
    origin: {
      commit,
      revision: `main@sha1:${commit}`,
      targetRevision: 'main',
      repository: { url: address, cloneUrl: address }
    },
    valueFiles: [],
    signing: { kind: 'key', key: readSigningKey(pem, 'key') }
  })
  const { bytes } = buildArtifact('release', rendered)
  return execFileSync('tar', ['-xzO', 'manifests.yaml'], { input: bytes, encoding: 'utf8' })
}

for (const application of applications) {
  for (const environment of environments) {
    const isOverlay = application.startsWith('overlays/')
    if (isOverlay && !application.endsWith(environment)) continue
    t.test(
      `${application}, ${environment}: Flux applies the bytes that Argo CD prints`,
      { skip: isOverlay && !hasKustomize && 'SKIPPED: kustomize and kubectl were not found' },
      async t => {
        const printed = await argocd(application, environment)
        const applied = await flux(application, environment)
        t.equal(unattested(applied), unattested(printed))
        t.match(applied, 'mlgitops.io/attestation:')
        // A commit that starts with a digit is quoted.
        t.match(printed, new RegExp(`mlgitops.io/git-commit: "?${commit}"?\n`))
        t.match(printed, 'mlgitops.io/attestation:')
      }
    )
  }
}
