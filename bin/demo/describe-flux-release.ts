import { readFileSync } from 'node:fs'
import { readSigningKey } from '../../evidence/attestation/key.ts'
import { buildArtifact } from '../../plugin/flux/artifact/artifact.ts'
import { renderRelease } from '../../plugin/flux/release/render-release.ts'

/**
 * Describes in a few lines what `mlgitops serve flux` publishes for a model in staging.
 *
 * @param folder the files of the commit
 */
export async function describeFluxRelease(
  folder: string,
  application: string,
  { commit, key }: { readonly commit: string; readonly key: string }
): Promise<string> {
  const name = `${application.replace(/^.*\//, '')}-staging`
  const address = 'https://git.example.com/acme/mlops-repo.git'
  const rendered = await renderRelease({
    folder,
    name,
    release: {
      sourceRef: { kind: 'GitRepository', name: 'mlops-repo', namespace: 'flux-system' },
      path: application,
      environment: 'staging',
      targetNamespace: 'ml-staging',
      ...{ values: {}, valuesFrom: [], artifactName: name, keySecret: 'mlgitops-signing-key' },
      ...{ intervalMs: 600_000, isSuspended: false }
    },
    origin: {
      commit,
      revision: `main@sha1:${commit}`,
      targetRevision: 'main',
      repository: { url: address, cloneUrl: address }
    },
    valueFiles: [],
    signing: { kind: 'key', key: readSigningKey(readFileSync(key, 'utf8'), 'signing.key') }
  })
  const { bytes, revision } = buildArtifact(name, rendered)
  return `Under Flux, which has no plugins, mlgitops serve flux publishes the same render as an ExternalArtifact (docs/flux.md):
  ${revision}, ${rendered.manifests.length} objects in ${bytes.length} bytes
kustomize, kubectl and kpt call mlgitops fn (docs/kustomize.md).
`
}
