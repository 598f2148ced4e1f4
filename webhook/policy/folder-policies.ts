import type { LiveFolder } from './live-folder.ts'
import type { Policies, PoliciesObserver, PolicySets } from './policies.ts'

/** The policies of a folder, read again when a file changes; the last good sets stay. */
export class FolderPolicies implements Policies {
  readonly #folder: LiveFolder
  readonly #pollMs: number
  #sets: PolicySets = new Map()
  #timer: NodeJS.Timeout | undefined

  /** @param pollMs how often the folder is looked at */
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

  /** Nobody says them: a selector of namespaces selects all. */
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
        observer.refused(reload.fault, 'the changed policies are refused; the last good ones stay')
    }
  }

  #take(sets: PolicySets, observer: PoliciesObserver): void {
    this.#sets = sets
    observer.loaded(sets, 0)
  }
}
