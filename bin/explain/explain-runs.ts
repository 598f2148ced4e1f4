import { pinnedBy } from '../../evidence/commit-name.ts'
import type { ModelNames, PinnedBy } from '../../evidence/commit-name.ts'
import { parseImageReference } from '../../evidence/image-reference.ts'
import { isOciUri, pathSegments } from '../../evidence/model-uri.ts'
import type { RunText } from '../../evidence/workload/workload.ts'

/** An image or a model URI of an object, and what it names. */
export type ExplainedRun = {
  readonly object: string
  /** The Kubernetes field path. */
  readonly field: string
  readonly pinnedBy: PinnedBy | 'digest' | null
} & ({ readonly image: string } | { readonly uri: string })

/** The texts of an object that name images and models, and the facts that they are compared with. */
export interface RunningObject {
  /** The object's name in the explanation. */
  readonly name: string
  readonly images: readonly Pick<RunText, 'field' | 'value'>[]
  readonly models: readonly Pick<RunText, 'field' | 'value'>[]
  readonly names: ModelNames
}

/** Says what the images and model URIs of an object name, as rules `images` and `biasAudit` judge them. */
export function explainRuns({ name, images, models, names }: RunningObject): ExplainedRun[] {
  return [
    ...images.map(({ field, value }) => ({
      ...{ object: name, field, image: value },
      pinnedBy: pinOfImage(value, names)
    })),
    ...models.map(({ field, value }) => ({
      ...{ object: name, field, uri: value },
      pinnedBy: isOciUri(value) ? pinOfImage(value, names) : pinOfUri(value, names)
    }))
  ]
}

/** A digest decides alone: a runtime ignores the tag next to it. */
function pinOfImage(text: string, names: ModelNames): ExplainedRun['pinnedBy'] {
  const parsed = parseImageReference(text.replace(/^oci:\/\//i, ''))
  if (parsed.kind === 'invalid') return null
  const { tag, digest } = parsed.reference
  if (digest !== undefined) return 'digest'
  return tag === undefined ? null : (pinnedBy(tag, names) ?? null)
}

function pinOfUri(uri: string, names: ModelNames): ExplainedRun['pinnedBy'] {
  const pins = pathSegments(uri).map(segment => pinnedBy(segment, names))
  return pins.find(pin => pin !== undefined) ?? null
}
