import { isFault } from '../../common/fault.ts'
import { FailureLog } from '../../service/failure-log.ts'
import { errorFields } from '../../service/log.ts'
import type { Logger } from '../../service/log.ts'
import type { RolloutName } from '../event/message.ts'
import { readObjectivesFolder, rolloutKey } from './folder.ts'
import type { DeclaredAnalyses } from './folder.ts'

/** The ModelAnalyses of a folder that is read again and again. The last good ones stay in use. */
export class LiveObjectives {
  readonly #folder: string
  readonly #name: string
  readonly #logger: Logger
  #declared: DeclaredAnalyses
  readonly #failures = new FailureLog()

  /**
   * @param name what the folder is called in messages
   * @throws {Fault} as {@link readObjectivesFolder}: at the start nothing is good yet
   */
  constructor(folder: string, name: string, logger: Logger) {
    this.#folder = folder
    this.#name = name
    this.#logger = logger
    this.#declared = readObjectivesFolder(folder, name)
  }

  find(rollout: RolloutName): ReadonlyMap<string, string> | undefined {
    return this.#declared.get(rolloutKey(rollout))
  }

  /** Reads the folder again; a fault is logged once. */
  reload(): void {
    try {
      this.#declared = readObjectivesFolder(this.#folder, this.#name)
      this.#failures.succeeded()
    } catch (error) {
      if (!isFault(error)) throw error
      const { where } = error.details
      this.#failures.failed({ ...errorFields(error), where }, fields => {
        this.#logger.error('cannot use the changed objectives; keeping the last good ones', fields)
      })
    }
  }
}
