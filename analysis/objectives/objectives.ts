import type { ReadinessCheck } from '../../service/readiness.ts'
import type { RolloutName } from '../event/message.ts'
import type { HookOptions } from '../hook/handle-hook.ts'
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
  /** Told the worst verdict on a run after each hook of it. */
  readonly judged: HookOptions['judged']
  /** What readiness asks of them, by name. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>
  start(): void
  stop(): Promise<void>
}
