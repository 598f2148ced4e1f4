import { Fault } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import { AccessCheck } from '../../service/kubernetes/access.ts'
import type { ApiClient } from '../../service/kubernetes/api-client.ts'
import { objectKey } from '../../service/kubernetes/api-object.ts'
import type { Clock } from '../../service/kubernetes/clock.ts'
import { Informer } from '../../service/kubernetes/informer.ts'
import type { InformerTimes } from '../../service/kubernetes/informer.ts'
import type { ObjectChange } from '../../service/kubernetes/object-store.ts'
import { repeatCheck } from '../../service/kubernetes/repeat-check.ts'
import type { Resource } from '../../service/kubernetes/resource.ts'
import { StatusWriter } from '../../service/kubernetes/status-writer.ts'
import { errorFields } from '../../service/log.ts'
import type { Logger } from '../../service/log.ts'
import type { CanaryWords } from '../canary/canary-words.ts'
import type { RolloutName } from '../event/message.ts'
import type { RunVerdict } from '../judge/verdict.ts'
import type { Objectives } from '../objectives/objectives.ts'
import type { LiveRun } from '../run/rollouts.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'
import { AnalysisBook } from './analysis-book.ts'
import type { AnalysisReading } from './analysis-book.ts'
import { analysisStatus, runStatus } from './analysis-status.ts'
import { Canaries } from './canaries.ts'

/** Our ModelAnalyses. */
export const modelAnalyses: Resource = {
  group: 'mlgitops.io',
  version: 'v1alpha1',
  plural: 'modelanalyses',
  kind: 'ModelAnalysis'
}

/** How the ModelAnalyses of a cluster are read. */
export interface ClusterObjectivesOptions {
  readonly client: ApiClient
  /** Undefined: every namespace. */
  readonly namespaces: readonly string[] | undefined
  readonly clock: Clock
  readonly now: () => Date
  readonly logger: Logger
  readonly times?: InformerTimes
}

/** The ModelAnalyses of a cluster, and their status: whether each is in use, and its Canary's last verdict. */
export class ClusterObjectives implements Objectives {
  readonly informers: readonly Informer[]
  readonly #analyses: readonly Informer[]
  readonly #canaries: Canaries
  readonly checks: Objectives['checks']
  readonly #options: ClusterObjectivesOptions
  readonly #book = new AnalysisBook()
  readonly #runs = new Map<string, JsonObject>()
  readonly #status: StatusWriter
  readonly #access: AccessCheck
  #endCheck: () => void = () => undefined

  constructor(options: ClusterObjectivesOptions) {
    const { client, namespaces, clock, logger, times } = options
    this.#options = options
    const scopes = namespaces ?? [undefined]
    const following = { client, clock, logger, ...(times && { times }) }
    this.#analyses = scopes.map(
      namespace => new Informer({ ...following, resource: modelAnalyses, selection: { namespace } })
    )
    this.#canaries = new Canaries(scopes, following)
    this.informers = [...this.#analyses, ...this.#canaries.informers]
    this.#status = new StatusWriter({
      client,
      resource: modelAnalyses,
      fieldManager: 'mlgitops-analysis',
      current: (namespace, name) => this.#book.get({ namespace, name })?.object,
      clock,
      logger
    })
    this.#access = new AccessCheck(
      client,
      scopes.flatMap(namespace => [
        { resource: modelAnalyses, verbs: ['list', 'watch'], namespace },
        { resource: modelAnalyses, subresource: 'status', verbs: ['patch'], namespace }
      ])
    )
    this.checks = {
      objectives: () => this.#analyses.map(each => each.notReadyReason()).find(Boolean),
      permissions: () => this.#access.notReadyReason(),
      canaries: this.#canaries.notReadyReason
    }
  }

  find(rollout: RolloutName): ObjectiveSettings | undefined {
    if (this.#analyses.some(({ isSynced }) => !isSynced)) {
      throw new Fault(
        'OBJECTIVES_NOT_READ',
        'the ModelAnalyses of the cluster have not been read yet'
      )
    }
    return this.#book.get(rollout)?.settings
  }

  words(rollout: RolloutName): CanaryWords {
    return this.#canaries.words(rollout)
  }

  block(rollout: RolloutName): string | undefined {
    return this.#canaries.block(rollout)
  }

  isByMatch(rollout: RolloutName): boolean {
    return this.#canaries.isByMatch(rollout)
  }

  readonly judged = (rollout: RolloutName, run: LiveRun, verdict: RunVerdict): void => {
    const reading = this.#book.get(rollout)
    if (reading === undefined) return
    this.#runs.set(objectKey(rollout), runStatus(run, verdict))
    this.#publish(reading)
  }

  start(): void {
    for (const informer of this.#analyses) {
      informer.subscribe(changes => {
        for (const change of changes) this.#apply(change)
      })
    }
    for (const informer of this.informers) informer.start()
    this.#endCheck = repeatCheck(this.#access, this.#options.clock)
  }

  async stop(): Promise<void> {
    this.#endCheck()
    await Promise.all([...this.informers, this.#status].map(each => each.stop()))
    this.#options.client.close()
  }

  #apply({ kind, object }: ObjectChange): void {
    if (kind === 'deleted') {
      this.#book.remove(object)
      this.#runs.delete(objectKey(object))
      return
    }
    const last = this.#book.get(object)
    const reading = this.#book.put(object)
    if (reading.fault !== undefined && reading.fault !== last?.fault) this.#logFault(reading)
    this.#publish(reading)
  }

  #logFault({ object, fault, isGood }: AnalysisReading): void {
    const then = isGood ? 'keeping the last good ones' : 'refusing hooks that need them'
    this.#options.logger.error(`cannot use the objectives of a ModelAnalysis; ${then}`, {
      ...errorFields(fault),
      where: `modelanalysis ${object.namespace}/${object.name}`
    })
  }

  #publish(reading: AnalysisReading): void {
    const key = objectKey(reading.object)
    this.#status.want(reading.object, current => {
      const newest = this.#book.get(current)
      const now = this.#options.now()
      return newest && analysisStatus(current, newest, { run: this.#runs.get(key), now })
    })
  }
}
