import type { CorpusObject } from './objects.ts'
import type { Pair } from './pairs.ts'

/** Why a pair can disagree about an object. */
interface Reason {
  readonly text: string
  readonly explains: (pair: Pair, object: CorpusObject, refusedBy: 'ours' | 'theirs') => boolean
}

const reasons: readonly Reason[] = [
  {
    text: 'its constraint exempts some images; with us a PolicyException excuses an object',
    explains: ({ peer }, { file }, refusedBy) =>
      peer === 'gatekeeper' && refusedBy === 'ours' && file.includes('exempt')
  },
  {
    text: 'its pattern `*:*` takes the port of a registry (`host:443/image`) for a tag; the runtime pulls `latest`',
    explains: ({ id }, { file }, refusedBy) =>
      id === 'disallow-latest-tag' && refusedBy === 'ours' && file.endsWith('no_tag_w_port.yaml')
  },
  {
    text: 'of a controller it asks for the label on the Pods, rule `labels` for one on the object',
    explains: ({ id }, { kind }) => id === 'require-labels' && kind !== 'Pod'
  }
]

/** The reason of a difference; undefined if none is known. */
export function reasonOf(
  pair: Pair,
  object: CorpusObject,
  refusedBy: 'ours' | 'theirs'
): string | undefined {
  return reasons.find(({ explains }) => explains(pair, object, refusedBy))?.text
}
