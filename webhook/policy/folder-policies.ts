import type { LiveFolder } from './live-folder.ts'
import type { Policies, PoliciesObserver, PolicySets } from './policies.ts'

/** The policies of a folder, reloaded when a file changes. Invalid changes leave the last good sets in force. */
export class FolderPolicies implements Policies {
  readonly #folder: LiveFolder
  readonly #pollMs: number
  #sets: PolicySets = new Map()
  #timer: NodeJS.Timeout | undefined

  /** @param pollMs polling interval of the folder */
  constructor(folder: LiveFolder, pollMs: number) {
    this.#folder = folder
    this.#pollMs = pollMs
  }

  readonly checks = {
    policies: () => (this.#sets.size > 0 ? undefined : 'no policies are loaded')
  }

  sets(): PolicySets {
    return this.#sets
  }

  /** Namespaces are unknown without a cluster: a namespaceSelector selects all. */
  namespaceLabels(): undefined {
    return undefined
  }

  start(observer: PoliciesObserver): void {
    const first = this.#folder.look()
    if (first.kind === 'refused') throw first.fault
    if (first.kind === 'loaded') this.#take(first.sets, observer)
    this.#timer = setInterval(() => {
      this.#look(observer)
    }, this.#pollMs)
  }

  stop(): Promise<void> {
    clearInterval(this.#timer)
    return Promise.resolve()
  }

  #look(observer: PoliciesObserver): void {
    const reload = this.#folder.look()
    switch (reload.kind) {
      case 'unchanged':
        return
      case 'loaded':
        this.#take(reload.sets, observer)
        return
      case 'refused':
        observer.refused(reload.fault, 'refused changed policies; the last good ones stay in force')
    }
  }

  #take(sets: PolicySets, observer: PoliciesObserver): void {
    this.#sets = sets
    observer.loaded(sets, 0)
  }
}
