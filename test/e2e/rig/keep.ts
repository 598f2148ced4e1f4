import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import path from 'node:path'

/** Registers process groups with the keeper, a separate process that stops them when this process ends. */
export class Keep {
  readonly #input: Writable

  constructor() {
    const keeper = spawn(process.execPath, [path.join(import.meta.dirname, 'keeper.ts')], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true
    })
    keeper.unref()
    this.#input = keeper.stdin
    // Without a keeper the runner still stops what it started, unless it is killed itself.
    keeper.stdin.on('error', () => undefined)
    // The pipe must not keep the runner's event loop alive.
    ;(keeper.stdin as unknown as { unref(): void }).unref()
  }

  add(pid: number): void {
    this.#input.write(`+${pid}\n`)
  }

  remove(pid: number): void {
    this.#input.write(`-${pid}\n`)
  }
}
