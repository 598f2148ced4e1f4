import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { ControlPlane } from './control-plane.ts'
import type { Keep } from './keep.ts'
import { Program } from './program.ts'
import type { ProgramOptions } from './program.ts'

/** The machine as one suite has it: programs, folders and the control plane that suites share. */
export class Machine {
  /** Where the suite may write; removed at the end. */
  readonly folder: string
  /** Kept where a point failed. */
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

  /** @throws {Error} where no suite of the run names `kube-apiserver` among its needs */
  get controlPlane(): ControlPlane {
    if (this.#controlPlane === undefined) throw new Error('the suite needs no kube-apiserver')
    return this.#controlPlane
  }

  peer(name: string): string {
    return path.join(this.peersFolder, name)
  }

  /** Starts a program that ends with the suite at the latest. */
  start(options: Omit<ProgramOptions, 'logFile'>): Program {
    const logFile = path.join(this.logFolder, `${options.name}.log`)
    const program = new Program({ ...options, logFile }, this.#keep)
    this.atEnd(() => program.stop())
    return program
  }

  /** Starts a command of ours, from the checkout. */
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

  /** The last thing first; one that fails does not keep the others from being done. */
  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) {
      try {
        await cleanup()
      } catch (error) {
        process.stderr.write(`at the end: ${String(error)}\n`)
      }
    }
  }
}
