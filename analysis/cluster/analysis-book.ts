import type { Fault } from '../../common/fault.ts'
import type { ApiObject } from '../../service/kubernetes/api-object.ts'
import { objectKey } from '../../service/kubernetes/api-object.ts'
import { objectFault } from '../../service/kubernetes/object-fault.ts'
import { flattenSpec, readModelAnalysis } from '../objectives/model-analysis.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'

/** A ModelAnalysis and the settings in use for it. */
export interface AnalysisReading {
  readonly object: ApiObject
  /** Of this version, or of the last good one; of an object that never was good, for hooks to reject. */
  readonly settings: ObjectiveSettings
  /** Why the newest version of the object cannot be used. */
  readonly fault: Fault | undefined
  readonly isGood: boolean
}

/** The ModelAnalyses of a cluster by namespace and name. An invalid change keeps the last good settings. */
export class AnalysisBook {
  readonly #readings = new Map<string, AnalysisReading>()

  get(rollout: { readonly namespace: string; readonly name: string }): AnalysisReading | undefined {
    return this.#readings.get(objectKey(rollout))
  }

  /** Adds or replaces an object, and returns its reading. */
  put(object: ApiObject): AnalysisReading {
    const key = objectKey(object)
    const last = this.#readings.get(key)
    const isSame = last?.object.uid === object.uid && last.object.generation === object.generation
    const reading = isSame ? { ...last, object } : readingOf(object, last)
    this.#readings.set(key, reading)
    return reading
  }

  remove(object: ApiObject): void {
    this.#readings.delete(objectKey(object))
  }
}

function readingOf(object: ApiObject, last: AnalysisReading | undefined): AnalysisReading {
  const where = `modelanalysis ${object.namespace}/${object.name}`
  try {
    const { settings } = readModelAnalysis(object.body, where)
    return { object, settings, fault: undefined, isGood: true }
  } catch (error) {
    const fault = objectFault(error, where)
    if (last?.object.uid === object.uid && last.isGood) {
      return { object, settings: last.settings, fault, isGood: true }
    }
    return { object, settings: flattenSpec(object.body), fault, isGood: false }
  }
}
