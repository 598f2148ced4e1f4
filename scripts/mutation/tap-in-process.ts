import { globSync } from 'node:fs'
import { registerHooks } from 'node:module'
import path from 'node:path'
import process from 'node:process'
import { setImmediate } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { importedFiles } from './imported-files.ts'

/** What ran: undefined is a pass, a text says what failed. */
export type Failure = string | undefined

/** One `t.test(...)` of a test file. */
export interface Subtest {
  readonly name: string
  /** Runs it to its end, teardowns included. */
  readonly run: () => Promise<Failure>
}

/** A test file that is loaded, and none of whose subtests has run. */
export interface LoadedFile {
  readonly subtests: readonly Subtest[]
  /** Runs the file's own teardowns; says what failed of its own assertions, which count last. */
  readonly end: () => Promise<Failure>
}

/** Rooms whose modules load without doing anything (a test of test/bin/project.test.ts holds them to it). */
const rooms = /^(analysis|common|evidence|plugin|service|webhook)\//

/** Does work in a process that looks like one that nobody forked: tests and tap write to a parent. */
export async function unforked<Result>(work: () => Promise<Result>): Promise<Result> {
  const send = process.send?.bind(process)
  Reflect.deleteProperty(process, 'send')
  try {
    return await work()
  } finally {
    if (send !== undefined) process.send = send
  }
}

/**
 * Loads and runs tap test files in this process, again and again. tap starts a process for each file,
 * which is most of the time a mutant takes.
 *
 * `import t from 'tap'` of a test file is answered with a test of tap's whose subtests are taken down
 * instead of run, to be run by it later: all else about it is as ever. Modules under test/ are
 * loaded anew for each run, so what they compute while loading is computed again; the modules of the
 * project are kept until `reload`.
 */
export class InProcessTap {
  #sources = 0
  #runs = 0
  readonly #folder: string
  readonly #reached = new Map<string, ReadonlySet<string>>()

  /** @param folder the project's, absolute: the sandbox of stryker */
  constructor(folder: string) {
    this.#folder = folder
    const root = `${pathToFileURL(folder).href}/`
    registerHooks({
      resolve: (specifier, context, nextResolve) => {
        if (specifier === 'tap' && context.parentURL?.startsWith(`${root}test/`) === true) {
          return { url: `tap-root:${this.#runs}`, format: 'module', shortCircuit: true }
        }
        const resolved = nextResolve(specifier, context)
        const inside = resolved.url.startsWith(root) && !resolved.url.includes('/node_modules/')
        if (!inside || !resolved.url.endsWith('.ts')) return resolved
        const version = resolved.url.startsWith(`${root}test/`) ? this.#runs : this.#sources
        return { ...resolved, url: `${resolved.url}?${version}` }
      },
      load: (url, context, nextLoad) =>
        url.startsWith('tap-root:')
          ? {
              format: 'module',
              shortCircuit: true,
              source: 'export default globalThis.tapRoot'
            }
          : nextLoad(url, context)
    })
  }

  /** The next import of a module of the project evaluates it anew. */
  reload(): void {
    this.#sources += 1
  }

  /** Test files by patterns of `fs.glob`. */
  testFiles(patterns: readonly string[]): readonly string[] {
    return globSync(patterns, { cwd: this.#folder })
  }

  /** Every file of the project that a test file reaches by imports. */
  reached(testFile: string): ReadonlySet<string> {
    const known = this.#reached.get(testFile) ?? importedFiles(this.#folder, testFile)
    this.#reached.set(testFile, known)
    return known
  }

  /** Loads what a test file reaches of the rooms, before the file itself. */
  async loadSources(testFile: string): Promise<void> {
    for (const file of this.reached(testFile)) {
      if (rooms.test(file)) await this.#import(file)
    }
  }

  /** Loads a test file, without running its subtests. */
  async load(testFile: string): Promise<LoadedFile> {
    this.#runs += 1
    const root = await rootTest()
    const start = root.test.bind(root) as (...call: unknown[]) => Promise<unknown>
    const subtests: Subtest[] = []
    const test = (name: string, ...rest: unknown[]) => {
      const run = async () => {
        const failed = root.lists.fail.length
        await start(name, ...rest)
        return root.lists.fail[failed]?.fullname
      }
      subtests.push({ name, run })
    }
    Object.assign(globalThis, { tapRoot: Object.assign(root, { test }) })
    await this.#import(testFile)
    const end = async () => {
      root.end()
      await setImmediate()
      return root.lists.fail[0]?.fullname
    }
    return { subtests, end }
  }

  async #import(file: string): Promise<void> {
    await import(pathToFileURL(path.join(this.#folder, file)).href)
  }
}

async function rootTest() {
  // tap reports its own timeout to a parent while it loads: only here, inside `unforked`.
  const { Test, t } = await import('tap')
  t.setTimeout(0)
  const root = new Test({ name: 'mutation', timeout: 0 })
  root.resume()
  return root
}
