import path from 'node:path'
import type { KnownSuite } from '../suites.ts'
import { ControlPlane } from './control-plane.ts'
import type { Keep } from './keep.ts'

/** Options of the control planes of a run. */
export interface ControlPlanesOptions {
  readonly folder: string
  readonly peers: string
  readonly keep: Keep
  readonly say: (line: string) => void
}

/** The control planes of a run: one that suites share, and one for each suite with `isAlone`. */
export class ControlPlanes {
  readonly #options: ControlPlanesOptions
  readonly #started: ControlPlane[] = []
  #shared: Promise<ControlPlane> | undefined

  constructor(options: ControlPlanesOptions) {
    this.#options = options
  }

  /** Returns a suite's own control plane or the shared one; undefined for a suite that needs none. */
  async for(suite: KnownSuite): Promise<ControlPlane | undefined> {
    if (!suite.needs.includes('kube-apiserver')) return undefined
    if (suite.isAlone === true) return this.#start(planeOf(suite))
    this.#shared ??= this.#start(planeOf(suite))
    return this.#shared
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.map(plane => plane.stop()))
  }

  async #start(name: string): Promise<ControlPlane> {
    const { folder, peers, keep, say } = this.#options
    const startedMs = Date.now()
    const plane = await ControlPlane.start(path.join(folder, name), peers, keep)
    this.#started.push(plane)
    await plane.startControllers()
    const took = ((Date.now() - startedMs) / 1_000).toFixed(1)
    say(`${name} answers on ${plane.url} (${took} s)`)
    return plane
  }
}

/** The name of a suite's control plane, and of the folder with its logs. */
export function planeOf({ name, isAlone }: KnownSuite): string {
  return isAlone === true ? `control-plane-of-${name}` : 'control-plane'
}
