import type { Fault } from '../../common/fault.ts'
import type { ApiObject } from '../../service/kubernetes/api-object.ts'
import { objectKey } from '../../service/kubernetes/api-object.ts'
import { objectFault } from '../../service/kubernetes/object-fault.ts'
import { flattenSpec, readModelAnalysis } from '../objectives/model-analysis.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'

/** A ModelAnalysis as it judges. */
export interface AnalysisReading {
  readonly object: ApiObject
  /** The object's own, or its last good version's; one that never was good, to be refused by each hook. */
  readonly settings: ObjectiveSettings
  /** Why the object's newest version cannot be used. */
  readonly fault: Fault | undefined
  readonly isGood: boolean
}

/** The ModelAnalyses of a cluster by namespace and name; one that changes for the worse stays as it was. */
export class AnalysisBook {
  readonly #readings = new Map<string, AnalysisReading>()

  get(rollout: { readonly namespace: string; readonly name: string }): AnalysisReading | undefined {
    return this.#readings.get(objectKey(rollout))
  }

  /** Takes an object over. @returns what it comes to */
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
