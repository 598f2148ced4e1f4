import { Fault } from '../../../common/fault.ts'
import { member } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { schemaErrorLines } from '../../../evidence/schema-error.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import schema from './model-release.schema.json' with { type: 'json' }
import { validateModelRelease } from './model-release-validator.generated.js'

/** Kinds of sources of a release. */
export type SourceKind = 'GitRepository' | 'OCIRepository' | 'Bucket' | 'ExternalArtifact'

/** The source of a release. */
export interface SourceRef {
  readonly kind: SourceKind
  readonly name: string
  readonly namespace: string
}

/** One of `spec.valuesFrom`. */
export interface ValuesRef {
  readonly kind: 'ConfigMap' | 'Secret'
  readonly name: string
  readonly valuesKey: string
  readonly isOptional: boolean
}

/** The spec of a ModelRelease, with defaults. */
export interface ModelRelease {
  readonly sourceRef: SourceRef
  readonly path: string
  readonly environment: string | undefined
  readonly targetNamespace: string
  readonly values: JsonObject
  readonly valuesFrom: readonly ValuesRef[]
  /** The Secret of the signing key. */
  readonly keySecret: string | undefined
  readonly artifactName: string
  readonly intervalMs: number
  readonly isSuspended: boolean
}

interface Spec {
  readonly sourceRef: {
    readonly kind: SourceKind
    readonly name: string
    readonly namespace?: string
  }
  readonly path: string
  readonly environment?: string
  readonly targetNamespace?: string
  readonly values?: JsonObject
  readonly valuesFrom?: readonly {
    readonly kind: 'ConfigMap' | 'Secret'
    readonly name: string
    readonly valuesKey?: string
    readonly optional?: boolean
  }[]
  readonly signing?: { readonly secretRef: { readonly name: string } }
  readonly artifactName?: string
  readonly interval?: string
  readonly suspend?: boolean
}

const defaultIntervalMs = 10 * 60_000
const leastIntervalMs = 10_000

/**
 * Reads a ModelRelease.
 *
 * @throws {Fault} `RELEASE_INVALID` with every problem
 */
export function readModelRelease({ body, namespace, name }: ApiObject): ModelRelease {
  const lines = schemaErrorLines(body, schema, validateModelRelease)
  if (lines.length > 0) {
    const listed = lines.map(line => `\n  ${line}`).join('')
    throw new Fault('RELEASE_INVALID', `the ModelRelease is invalid:${listed}`)
  }
  const spec = member(body, 'spec') as unknown as Spec
  return {
    sourceRef: { namespace, ...spec.sourceRef },
    path: spec.path,
    environment: spec.environment,
    targetNamespace: spec.targetNamespace ?? namespace,
    values: spec.values ?? {},
    valuesFrom: (spec.valuesFrom ?? []).map(({ valuesKey = 'values.yaml', optional, ...ref }) => ({
      ...ref,
      valuesKey,
      isOptional: optional === true
    })),
    keySecret: spec.signing?.secretRef.name,
    artifactName: spec.artifactName ?? name,
    intervalMs: spec.interval === undefined ? defaultIntervalMs : readDuration(spec.interval),
    isSuspended: spec.suspend === true
  }
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }

/** Reads a duration in Go's notation. @returns milliseconds, at least 10,000 */
function readDuration(text: string): number {
  const parts = text.matchAll(/(\d+)([smh])/g)
  const sumMs = Array.from(parts, ([, count, unit = '']) => Number(count) * (unitMs[unit] ?? 0))
  return Math.max(
    leastIntervalMs,
    sumMs.reduce((sum, ms) => sum + ms, 0)
  )
}
