import { memoize } from '../../common/memoize.ts'
import { parseImageReference } from '../../evidence/image-reference.ts'

/** Parses an image. Memoized, because the same images come with every review of a workload. */
export const canonicalImage = memoize(parseImageReference, {
  maxTexts: 1_000,
  maxCharacters: 512
})
