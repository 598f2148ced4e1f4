import type { JsonObject } from '../../common/json.ts'

/** What is wrong with a manifest, as `mlgitops check` reports it. */
export interface ManifestFinding {
  /** As Kubernetes writes field paths: `spec.analysis.webhooks[0].name`. */
  readonly field: string
  /** One sentence without a full stop. */
  readonly problem: string
  readonly found?: string
  readonly allowed?: string
  readonly fix?: string
  /** True if a cluster takes the manifest, and it may be meant. */
  readonly isOnlyWarning?: true
}

/** What was read of a manifest of a kind that gives objectives, or calls the analysis. */
export interface ManifestReading {
  readonly kind: 'canary' | 'modelAnalysis' | 'analysisTemplate'
  readonly findings: readonly ManifestFinding[]
}

/** Reads a manifest; undefined for another kind. */
export type ManifestReader = (object: JsonObject) => ManifestReading | undefined
