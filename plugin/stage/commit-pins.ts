import type { CommitPin } from '../../evidence/attestation/statement.ts'
import { looksLikeCommit } from '../../evidence/commit-name.ts'
import { parseImageReference } from '../../evidence/image-reference.ts'
import { pathSegments } from '../../evidence/model-uri.ts'
import type { ContentHistory } from '../origin/source-selection.ts'

/**
 * What the history says about the tags of images, and the segments of model URIs, that look like commits.
 * Each occurs once.
 */
export function commitPins(
  images: readonly string[],
  models: readonly string[],
  history: ContentHistory
): readonly CommitPin[] {
  const names = new Set([
    ...images.flatMap(tagOf),
    ...models.flatMap(pathSegments),
    ...models.flatMap(tagOf)
  ])
  return [...names].filter(looksLikeCommit).map(name => {
    const { commit, isAncestor, hasSameSources } = history.pinOf(name)
    return {
      tag: name,
      ...(commit === undefined ? {} : { commit }),
      isAncestor,
      sameSources: hasSameSources
    }
  })
}

/** The tag of an image; a model can be one too (`oci://…`). */
function tagOf(text: string): readonly string[] {
  const parsed = parseImageReference(text.replace(/^oci:\/\//i, ''))
  return parsed.kind === 'reference' && parsed.reference.tag !== undefined
    ? [parsed.reference.tag]
    : []
}
