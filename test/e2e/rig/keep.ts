import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import path from 'node:path'

/** Tells the keeper, a process of its own, which process groups must not outlive this process. */
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
    // The pipe must not hold the runner either.
    ;(keeper.stdin as unknown as { unref(): void }).unref()
  }

  add(pid: number): void {
    this.#input.write(`+${pid}\n`)
  }

  remove(pid: number): void {
    this.#input.write(`-${pid}\n`)
  }
}
