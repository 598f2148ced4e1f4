import type { ReadinessCheck } from '../../service/readiness.ts'
import type { RolloutName } from '../event/message.ts'
import type { RunVerdict } from '../judge/verdict.ts'
import type { LiveRun } from '../run/rollouts.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'

/** Where ModelAnalyses come from and are kept up while the analysis runs. */
export interface Objectives {
  /**
   * What is declared for a Canary; undefined where nothing is.
   *
   * @throws {Fault} `OBJECTIVES_NOT_READ` while that is not known yet
   */
  find(rollout: RolloutName): ObjectiveSettings | undefined
  /**
   * The block of a Canary's analyses that give none; undefined where nothing is known of it.
   *
   * @throws {Fault} `OBJECTIVES_NOT_READ` while that is not known yet
   */
  block(rollout: RolloutName): string | undefined
  /** Receives the worst verdict of all analyses of a run after each hook that judged one. */
  readonly judged: (rollout: RolloutName, run: LiveRun, verdict: RunVerdict) => void
  /** What readiness asks of them, by name. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>
  start(): void
  stop(): Promise<void>
}
