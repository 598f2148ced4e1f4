import { Fault } from '../../common/fault.ts'
import type { RolloutName } from './message.ts'
import { readRollout } from './own-event.ts'

/** Finds the rollout that the events of a source belong to: a source has the name of an InferenceService. */
export type RolloutOf = (source: RolloutName) => RolloutName

/** Every source is the rollout of its name. */
export const ownRollout: RolloutOf = source => source

/**
 * Reads `--rollout-of NAMESPACE/SOURCE=NAMESPACE/ROLLOUT`. A rollout that is itself a source is not followed.
 *
 * @throws {Fault} `ROLLOUT_OF_INVALID` for another form, and for a source with two rollouts
 */
export function readRolloutOf(texts: readonly string[]): RolloutOf {
  const rollouts = new Map<string, RolloutName>()
  for (const text of texts) {
    const [source, rollout] = readPair(text)
    const key = keyOf(source)
    const known = rollouts.get(key)
    if (known !== undefined && keyOf(known) !== keyOf(rollout)) {
      throw new Fault('ROLLOUT_OF_INVALID', `--rollout-of names two rollouts of ${key}`, {
        found: `${keyOf(known)} and ${keyOf(rollout)}`
      })
    }
    rollouts.set(key, rollout)
  }
  if (rollouts.size === 0) return ownRollout
  return source => rollouts.get(keyOf(source)) ?? source
}

function readPair(text: string): readonly [source: RolloutName, rollout: RolloutName] {
  const [source, rollout, ...more] = text.split('=').map(readRollout)
  if (source !== undefined && rollout !== undefined && more.length === 0) return [source, rollout]
  throw new Fault('ROLLOUT_OF_INVALID', '--rollout-of cannot be read', {
    found: JSON.stringify(text.slice(0, 300)),
    expected: 'NAMESPACE/SOURCE=NAMESPACE/ROLLOUT, such as ml/fraud-predictor-v2=ml/fraud'
  })
}

function keyOf({ namespace, name }: RolloutName): string {
  return `${namespace}/${name}`
}
