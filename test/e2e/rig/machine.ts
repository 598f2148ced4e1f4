import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { ControlPlane } from './control-plane.ts'
import type { Keep } from './keep.ts'
import { Program } from './program.ts'
import type { ProgramOptions } from './program.ts'

/** What one suite uses of the machine: programs, folders and a control plane. */
export class Machine {
  /** The suite's working folder; removed at the end. */
  readonly folder: string
  /** Kept if a point failed. */
  readonly logFolder: string
  readonly peersFolder: string
  readonly #controlPlane: ControlPlane | undefined
  readonly #keep: Keep
  readonly #cleanups: (() => unknown)[] = []

  constructor(
    folders: { readonly work: string; readonly logs: string; readonly peers: string },
    controlPlane: ControlPlane | undefined,
    keep: Keep
  ) {
    this.folder = folders.work
    this.logFolder = folders.logs
    this.peersFolder = folders.peers
    this.#controlPlane = controlPlane
    this.#keep = keep
    for (const folder of [folders.work, folders.logs]) mkdirSync(folder, { recursive: true })
  }

  /** @throws {Error} if the suite does not list `kube-apiserver` in its needs */
  get controlPlane(): ControlPlane {
    if (this.#controlPlane === undefined)
      throw new Error('the suite does not list kube-apiserver in its needs')
    return this.#controlPlane
  }

  peer(name: string): string {
    return path.join(this.peersFolder, name)
  }

  /** Starts a program; it is stopped at the end of the suite at the latest. */
  start(options: Omit<ProgramOptions, 'logFile'>): Program {
    const logFile = path.join(this.logFolder, `${options.name}.log`)
    const program = new Program({ ...options, logFile }, this.#keep)
    this.atEnd(() => program.stop())
    return program
  }

  /** Starts an mlgitops command from the checkout. */
  startOurs(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
    const command = path.join(import.meta.dirname, '../../../bin/mlgitops.js')
    return this.start({
      name,
      command: process.execPath,
      args: [command, ...args],
      env: { PATH: process.env.PATH, HOME: this.folder, ...env }
    })
  }

  atEnd(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup)
  }

  /** Runs all cleanups in reverse order, even if some fail. */
  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) {
      try {
        await cleanup()
      } catch (error) {
        process.stderr.write(`cleanup failed: ${String(error)}\n`)
      }
    }
  }
}
