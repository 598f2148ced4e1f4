import type { RolloutName } from '../event/message.ts'
import { rolloutName } from '../event/own-event.ts'
import { variants } from '../counter/outcome.ts'
import type { Variant } from '../counter/outcome.ts'

/** A query that was read. */
export type Query =
  | { readonly kind: 'constant'; readonly value: number }
  | {
      readonly kind: 'score'
      readonly score: Score
      readonly rollout: RolloutName
      readonly variant: Variant
      /** Used by the latency score. */
      readonly quantile: number
    }
  | { readonly kind: 'malformed'; readonly reason: string }

/** Scores by their names in queries. */
export const scores = {
  model_precision: 'precision',
  model_recall: 'recall',
  model_accuracy: 'accuracy',
  model_error_rate: 'error-rate',
  model_predict_latency_ms: 'latency'
} as const

/** A score of a model. */
export type Score = (typeof scores)[keyof typeof scores]

const defaultQuantile = 0.99
const selector = /^([a-zA-Z_][a-zA-Z0-9_-]*)\s*\{([^{}]*)\}$/
const matcher = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"([^"\\]*)"\s*$/

/**
 * Reads a query of Flagger's Prometheus provider: `vector(1)`, its check that the server is online, or one
 * selector such as `model_precision{namespace="ml",name="churn"}`; names may have hyphens. Other PromQL is
 * malformed, with the reason.
 */
export function readQuery(text: string): Query {
  const flat = text.trim()
  const constant = /^vector\(\s*(\d+(?:\.\d+)?)\s*\)$/.exec(flat)
  if (constant !== null) return { kind: 'constant', value: Number(constant[1]) }
  const parts = selector.exec(flat)
  const score = scoreOf(parts?.[1] ?? '')
  if (parts === null || score === undefined) {
    const names = Object.keys(scores).join(', ')
    return malformed(
      `the query must be vector(1) or one of ${names} with {namespace="...",name="..."}`
    )
  }
  const labels = readLabels(parts[2] ?? '')
  if (labels === undefined) return malformed('labels must have the form label="value"')
  const unknown = [...labels.keys()].filter(
    label => !['namespace', 'name', 'variant', 'quantile'].includes(label)
  )
  if (unknown.length > 0) {
    return malformed('only the labels namespace, name, variant and quantile are supported')
  }
  return readScore(score, labels)
}

function readScore(score: Score, labels: ReadonlyMap<string, string>): Query {
  const rollout = rolloutName(labels.get('namespace') ?? '', labels.get('name') ?? '')
  if (rollout === undefined) return malformed('namespace and name must be those of a Canary')
  const wanted = labels.get('variant') ?? 'canary'
  const variant = variants.find(known => known === wanted)
  if (variant === undefined) return malformed(`variant must be ${variants.join(' or ')}`)
  const quantile = Number(labels.get('quantile') ?? defaultQuantile)
  if (!(quantile > 0 && quantile < 1)) return malformed('quantile must be between 0 and 1')
  return { kind: 'score', score, rollout, variant, quantile }
}

function scoreOf(name: string): Score | undefined {
  const entry = Object.entries(scores).find(([known]) => known === name.replaceAll('-', '_'))
  return entry?.[1]
}

function readLabels(text: string): ReadonlyMap<string, string> | undefined {
  const labels = new Map<string, string>()
  for (const part of text.replace(/,\s*$/, '').split(',')) {
    if (part.trim() === '') continue
    const parts = matcher.exec(part)
    if (parts === null) return undefined
    labels.set(parts[1] ?? '', parts[2] ?? '')
  }
  return labels
}

function malformed(reason: string): Query {
  return { kind: 'malformed', reason }
}
