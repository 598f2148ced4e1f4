import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { InProcessTap, unforked } from './tap-in-process.ts'
import type { Subtest } from './tap-in-process.ts'

/** Hits by mutant. */
type Hits = Record<string, number>

/** What instrumented code reads and writes: the contract of stryker's instrumenter. */
interface Instrumentation {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  hitCount?: number | undefined
  hitLimit?: number | undefined
  mutantCoverage: { static: Hits; perTest: Record<string, Hits> }
}

interface MutantRun {
  readonly activeMutant: { readonly id: string; readonly fileName: string }
  readonly testFilter?: readonly string[]
  readonly hitLimit?: number
  readonly mutantActivation: 'runtime' | 'static'
}

const activeMutantVariable = '__STRYKER_ACTIVE_MUTANT__'
const separator = ' > '

/**
 * Runs each subtest for itself, which stryker takes as one test: a mutant runs only those that reach it.
 * The project's modules are evaluated anew for each mutant, since some of them remember what they computed.
 */
class TapSubtestRunner {
  static readonly inject = ['options']
  readonly #tap = new InProcessTap(process.cwd())
  readonly #files: readonly string[]
  readonly #state: Instrumentation = { mutantCoverage: { static: {}, perTest: {} } }

  constructor(options: { readonly tapSubtests: { readonly testFiles: readonly string[] } }) {
    const files = this.#tap.testFiles(options.tapSubtests.testFiles)
    const size = (file: string) => this.#tap.reached(file).size
    this.#files = files.toSorted((one, other) => size(one) - size(other))
    Object.assign(globalThis, { __stryker__: this.#state })
  }

  capabilities() {
    return { reloadEnvironment: true }
  }

  /** Every subtest once, no mutant active: what each one reaches, and how long it takes. */
  dryRun() {
    return unforked(() => this.#dryRun())
  }

  mutantRun(run: MutantRun) {
    return unforked(() => this.#mutantRun(run))
  }

  async #dryRun() {
    const tests = []
    for (const file of this.#files) {
      this.#state.currentTestId = undefined
      this.#tap.reload()
      await this.#tap.loadSources(file)
      this.#state.currentTestId = file
      const { subtests, end } = await this.#tap.load(file)
      for (const subtest of subtests) tests.push(await this.#dryRunOf(file, subtest))
      const last = await end()
      if (last !== undefined) throw new Error(`${file}: ${last}`)
      this.#shareLoading(
        file,
        subtests.map(({ name }) => file + separator + name)
      )
    }
    return { status: 'complete', tests, mutantCoverage: this.#state.mutantCoverage }
  }

  async #dryRunOf(file: string, subtest: Subtest) {
    const id = file + separator + subtest.name
    const start = performance.now()
    this.#state.currentTestId = id
    const failure = await subtest.run()
    const timeSpentMs = performance.now() - start
    const test = { id, name: id, fileName: file, timeSpentMs }
    return failure === undefined
      ? { ...test, status: 0 }
      : { ...test, status: 1, failureMessage: failure }
  }

  /** What a test file reaches while it loads, each of its subtests reaches. */
  #shareLoading(file: string, ids: readonly string[]): void {
    const { perTest } = this.#state.mutantCoverage
    const loading = perTest[file] ?? {}
    Reflect.deleteProperty(perTest, file)
    for (const id of ids) {
      const hits = (perTest[id] ??= {})
      for (const [mutant, count] of Object.entries(loading)) {
        hits[mutant] = (hits[mutant] ?? 0) + count
      }
    }
  }

  async #mutantRun(run: MutantRun) {
    const selected = this.#selected(run)
    this.#tap.reload()
    const atLoading = run.mutantActivation === 'static'
    if (!atLoading) for (const file of selected.keys()) await this.#tap.loadSources(file)
    this.#activate(run.activeMutant.id, run.hitLimit)
    const { failure, nrOfTests } = await this.#firstFailure(selected)
    const { hitCount = 0, hitLimit = Infinity } = this.#state
    this.#activate(undefined, undefined)
    if (hitCount > hitLimit) return { status: 'timeout', reason: `hit ${hitCount} times` }
    return failure === undefined
      ? { status: 'survived', nrOfTests }
      : { status: 'killed', killedBy: [failure.id], failureMessage: failure.message, nrOfTests }
  }

  /**
   * Files and the names to run of each; undefined names are all of a file that reaches the mutant's.
   * The files that reach the least come first: they are about little else, and find a mutant soon.
   */
  #selected({ testFilter, activeMutant }: MutantRun): Map<string, Set<string> | undefined> {
    const selected = new Map<string, Set<string> | undefined>()
    for (const file of this.#files) {
      const prefix = file + separator
      const names = testFilter?.flatMap(id =>
        id.startsWith(prefix) ? id.slice(prefix.length) : []
      )
      const reaches = names === undefined && this.#reaches(file, activeMutant.fileName)
      if (reaches) selected.set(file, undefined)
      if (names !== undefined && names.length > 0) selected.set(file, new Set(names))
    }
    return selected
  }

  #reaches(file: string, mutated: string): boolean {
    return [...this.#tap.reached(file)].some(reached => mutated.endsWith(`/${reached}`))
  }

  #activate(mutant: string | undefined, hitLimit: number | undefined): void {
    this.#state.currentTestId = undefined
    this.#state.activeMutant = mutant
    this.#state.hitLimit = hitLimit
    this.#state.hitCount = hitLimit === undefined ? undefined : 0
    if (mutant === undefined) Reflect.deleteProperty(process.env, activeMutantVariable)
    else process.env[activeMutantVariable] = mutant
  }

  async #firstFailure(selected: ReadonlyMap<string, ReadonlySet<string> | undefined>) {
    let nrOfTests = 0
    for (const [file, names] of selected) {
      const loaded = await this.#tap.load(file).catch((error: unknown) => String(error))
      if (typeof loaded === 'string') return { failure: { id: file, message: loaded }, nrOfTests }
      const chosen = loaded.subtests.filter(({ name }) => names?.has(name) ?? true)
      let failure: { readonly id: string; readonly message: string } | undefined
      for (const { name, run } of chosen) {
        nrOfTests += 1
        const message = await run()
        if (message === undefined) continue
        failure = { id: file + separator + name, message }
        break
      }
      const last = await loaded.end()
      if (failure === undefined && last !== undefined) failure = { id: file, message: last }
      if (failure !== undefined) return { failure, nrOfTests }
    }
    return { failure: undefined, nrOfTests }
  }
}

/** The name by which stryker.config.json asks for the runner. */
export const strykerPlugins = [
  { kind: 'TestRunner', name: 'tap-subtests', injectableClass: TapSubtestRunner }
]

export const strykerValidationSchema = {
  properties: {
    tapSubtests: {
      type: 'object',
      properties: { testFiles: { type: 'array', items: { type: 'string' } } },
      required: ['testFiles']
    }
  }
}
