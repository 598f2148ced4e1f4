import type { JsonValue } from '../../common/json.ts'
import type { ReplaySettings } from '../settings/replay-settings.ts'
import type { Predictions } from './predictions.ts'
import { readV1, v1Path, writeV1 } from './v1.ts'
import { readV2, v2Path, writeV2 } from './v2.ts'

/** How a request to a model is written and its response read. */
export interface Protocol {
  readonly path: string
  /** Undefined if the items cannot be sent in one request. */
  readonly write: (instances: readonly JsonValue[]) => string | undefined
  readonly read: (answer: JsonValue, count: number) => Predictions
}

/** Returns the protocol that the settings name. */
export function protocolOf(settings: ReplaySettings, model: string): Protocol {
  const { output } = settings
  return settings.protocol === 'v1'
    ? {
        path: v1Path(model),
        write: writeV1,
        read: (answer, count) => readV1(answer, count, output)
      }
    : {
        path: v2Path(model),
        write: instances => writeV2(instances, settings),
        read: (answer, count) => readV2(answer, count, output)
      }
}
