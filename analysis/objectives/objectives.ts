import type { ReadinessCheck } from '../../service/readiness.ts'
import type { CanaryWords } from '../canary/canary-words.ts'
import type { RolloutName } from '../event/message.ts'
import type { RunVerdict } from '../judge/verdict.ts'
import type { LiveRun } from '../run/rollouts.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'

/** A source of ModelAnalyses that follows changes while the analysis runs. */
export interface Objectives {
  /**
   * Returns what is declared for a Canary; undefined without a ModelAnalysis.
   *
   * @throws {Fault} `OBJECTIVES_NOT_READ` while that is unknown
   */
  find(rollout: RolloutName): ObjectiveSettings | undefined
  /**
   * Returns what the metrics of a Canary say; nothing without a Canary.
   *
   * @throws {Fault} `OBJECTIVES_NOT_READ` while that is unknown
   */
  words(rollout: RolloutName): CanaryWords
  /**
   * Returns the default block of a Canary's analyses; undefined if the Canary gives none.
   *
   * @throws {Fault} `OBJECTIVES_NOT_READ` while that is unknown
   */
  block(rollout: RolloutName): string | undefined
  /** Whether the Canary sends requests to its arms by match rules (A/B testing); false if that is unknown. */
  isByMatch(rollout: RolloutName): boolean
  /** Receives the worst verdict of all analyses of a run after each hook that judged one. */
  readonly judged: (rollout: RolloutName, run: LiveRun, verdict: RunVerdict) => void
  /** Readiness checks by name. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>
  start(): void
  stop(): Promise<void>
}
