import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * One folder per case: `in/` is the repository, `setup.ts` creates files that cannot be committed,
 * `args.txt` has the arguments of `mlgitops render`, one per line, and `expected.yaml` or
 * `expected-error.txt` its output.
 */
const folder = path.resolve('test/golden')

/** The commit of every case; its short form is a number in exponent notation. */
export const revision = '12e4567'.padEnd(40, '0')
/** The repository of every case. */
export const repoUrl = 'https://git.example.com/x'

/** The names of all cases. */
export const goldenCases = readdirSync(folder)

/** One case. */
export class GoldenCase {
  readonly name: string
  /** The output must be an error. */
  readonly isError: boolean
  readonly args: readonly string[]
  /** The file with the expected output. */
  readonly file: string

  constructor(name: string) {
    this.name = name
    this.isError = name.startsWith('error-')
    this.args = readFileSync(path.join(folder, name, 'args.txt'), 'utf8')
      .trim()
      .split('\n')
    this.file = path.join(folder, name, this.isError ? 'expected-error.txt' : 'expected.yaml')
  }

  get expected(): string {
    return readFileSync(this.file, 'utf8')
  }

  get path(): string {
    return this.args[0] ?? '.'
  }

  get isKustomization(): boolean {
    return this.#has('in/app/kustomization.yaml') || this.name.startsWith('kustomize-')
  }

  get isChart(): boolean {
    return this.#has('in/app/Chart.yaml')
  }

  /** The argument of an option; undefined without the option. */
  option(name: string): string | undefined {
    const at = this.args.indexOf(name)
    return at === -1 ? undefined : this.args[at + 1]
  }

  /** Writes the repository into a folder. */
  async prepare(into: string): Promise<void> {
    if (this.#has('in')) cpSync(path.join(folder, this.name, 'in'), into, { recursive: true })
    mkdirSync(path.join(into, 'app'), { recursive: true })
    if (!this.#has('setup.ts')) return
    const url = pathToFileURL(path.join(folder, this.name, 'setup.ts')).href
    const module = (await import(url)) as { setup(folder: string): void }
    module.setup(into)
  }

  #has(file: string): boolean {
    return existsSync(path.join(folder, this.name, file))
  }
}
