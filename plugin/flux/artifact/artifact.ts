import { createHash } from 'node:crypto'
import { Fault } from '../../../common/fault.ts'
import { stringifyJson } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { writeYaml } from '../../../common/yaml/write.ts'
import { describeIdentity, identify } from '../../manifest.ts'
import type { Manifest } from '../../manifest.ts'
import { printManifests } from '../../output.ts'
import type { Rendered } from '../../render.ts'
import { revisionOf } from './revision.ts'
import { writeArchive } from './write-archive.ts'

/** The tar.gz that is published for one render. */
export interface Artifact {
  readonly bytes: Buffer
  /** `sha256:` and the hash of the bytes, under which they are also served. */
  readonly digest: string
  /** Identifies the content: {@link revisionOf}. */
  readonly revision: string
  /** Warnings of the render, one sentence each. */
  readonly warnings: readonly string[]
}

/**
 * Builds the artifact of a render: `manifests.yaml`, byte for byte what `mlgitops render` prints, and a
 * kustomization.yaml that names it, so that kustomize-controller does not generate one.
 *
 * @param name the part of the revision before the digest
 * @throws {Fault} `FLUX_GENERATE_NAME` for an object without a name, because server-side apply needs one
 */
export function buildArtifact(name: string, rendered: Rendered): Artifact {
  const { manifests, context, warnings } = rendered
  const nameless = manifests.find(({ object }) => identify(object).name === '')
  if (nameless !== undefined) {
    throw new Fault('FLUX_GENERATE_NAME', 'Flux cannot apply an object without a name', {
      where: nameless.where(),
      found: describeIdentity(identify(nameless.object)),
      remedy: 'Set metadata.name, with the commit in it: {{ .Values.gitCommitShort }}.'
    })
  }
  const bytes = writeArchive(
    new Map([
      ['kustomization.yaml', Buffer.from(kustomization(manifests))],
      ['manifests.yaml', Buffer.from(printManifests(manifests, 'yaml'))]
    ])
  )
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  return { bytes, digest, revision: revisionOf(name, manifests, context), warnings }
}

/**
 * Rendered objects are final: an object that contains `${` opts out of the variable substitution of a
 * Kustomization (fluxcd/pkg kustomize/kustomize_varsub.go). The patch keeps manifests.yaml as rendered.
 */
function kustomization(manifests: readonly Manifest[]): string {
  const patches = manifests
    .filter(({ object }) => stringifyJson(object).includes('${'))
    .map(({ object }) => ({ target: target(object), patch: optOut }))
  return writeYaml({
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: ['manifests.yaml'],
    ...(patches.length === 0 ? {} : { patches })
  })
}

const optOut = stringifyJson([
  {
    op: 'add',
    path: '/metadata/annotations/kustomize.toolkit.fluxcd.io~1substitute',
    value: 'disabled'
  }
])

/** A patch target for one object. kustomize reads each field as an anchored regular expression. */
function target(object: JsonObject): JsonObject {
  const { group, version, kind, namespace, name } = identify(object)
  const fields = Object.entries({ group, version, kind, namespace, name })
  return Object.fromEntries(
    fields
      .filter(([, text]) => text !== '')
      .map(([key, text]) => [key, text.replace(/[.+*?^${}()|[\]\\]/g, '\\$&')])
  )
}
