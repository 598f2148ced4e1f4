import { member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

/** The labels of a series. */
export interface LabelledSeries {
  /** Identifies it; the sorted labels as text. */
  readonly series: string
  /** The edge as it is written. */
  readonly le: string
  /** The other labels, in order; their values are strings. */
  readonly labels: readonly (readonly [string, JsonValue])[]
}

/** Returns why a native histogram is refused: it has `histogram` or `histograms` in place of values. */
export function nativeHistogram(each: JsonValue, { series }: LabelledSeries): string | undefined {
  const isNative = ['histogram', 'histograms'].some(name => member(each, name) !== undefined)
  return isNative
    ? `${series.slice(0, 200)} is a native histogram, which is not read: select its classic _bucket series (always_scrape_classic_histograms: true)`
    : undefined
}

/** Finds series that two replicas of Prometheus have stored: their labels differ only in the replica's name. */
export class ReplicaCheck {
  readonly #names = new Map<string, string>()

  /** Returns what is wrong with a series; undefined if nothing is. */
  add({ labels, le }: LabelledSeries): string | undefined {
    const own = labels.filter(([label]) => isReplica(label))
    if (own.length === 0) return undefined
    const rest = JSON.stringify([le, ...labels.filter(([label]) => !isReplica(label))])
    const name = own.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(',')
    const other = this.#names.get(rest)
    if (other === undefined) this.#names.set(rest, name)
    if (other === undefined || other === name) return undefined
    return `series differ only in ${other.slice(0, 100)} and ${name.slice(0, 100)}, so each event would count twice: deduplicate the replicas, or add one of them to prometheus.canary and prometheus.primary`
  }
}

function isReplica(label: string): boolean {
  return /replica$|^_*replica/i.test(label)
}
