import type { CorpusObject } from './objects.ts'
import type { Refusals } from './ours.ts'
import type { Pair } from './pairs.ts'
import { reasonOf } from './reasons.ts'

/** An object about which a pair disagrees. */
export interface Difference {
  readonly object: CorpusObject
  readonly refusedBy: 'ours' | 'theirs'
  /** Undefined if nobody has explained it yet. */
  readonly reason: string | undefined
}

/** The verdicts of one pair. */
export interface Comparison {
  readonly pair: Pair
  /** Objects of the kinds that both judge. */
  readonly judged: number
  /** Objects that both refuse. */
  readonly refused: number
  readonly differences: readonly Difference[]
}

/** Compares the pairs whose peer has answered. */
export function compare(
  pairs: readonly Pair[],
  objects: readonly CorpusObject[],
  { ours, theirs }: { readonly ours: Refusals; readonly theirs: Refusals }
): readonly Comparison[] {
  return pairs.flatMap(pair => {
    const key = `${pair.peer} ${pair.id}`
    const [own, other] = [ours.get(key), theirs.get(key)]
    if (own === undefined || other === undefined) return []
    const judged = objects.filter(({ kind }) => pair.kinds.includes(kind))
    const differences = judged
      .filter(({ name }) => own.has(name) !== other.has(name))
      .map((object): Difference => {
        const refusedBy = own.has(object.name) ? 'ours' : 'theirs'
        return { object, refusedBy, reason: reasonOf(pair, object, refusedBy) }
      })
    const refused = judged.filter(({ name }) => own.has(name) && other.has(name)).length
    return [{ pair, judged: judged.length, refused, differences }]
  })
}
