import { globSync } from 'node:fs'
import { registerHooks } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { groups } from './groups.ts'

const scheme = 'tap-of:'
const timeoutMs = 300_000

/** Runs the test files of a group in this process. */
export function runTogether(group: keyof typeof groups): void {
  runFiles(globSync(groups[group]).sort())
}

/**
 * Runs test files in this process, one after the other, each as a subtest of its name, with a timeout of its
 * own: what `import t from 'tap'` gives to a file is its subtest. A file that cannot be loaded fails its
 * subtest; one that ends the process fails its subtest and every later one.
 */
export function runFiles(files: readonly string[]): void {
  const tests = new Map<string, Test>()
  giveEachFileItsTest(tests)
  t.setTimeout(files.length * timeoutMs)
  for (const file of files) {
    t.test(file, { timeout: timeoutMs }, async test => {
      const { href } = pathToFileURL(path.resolve(file))
      tests.set(href, test)
      await import(href)
    })
  }
}

function giveEachFileItsTest(tests: ReadonlyMap<string, Test>): void {
  Object.assign(globalThis, { [Symbol.for(scheme)]: tests })
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'tap'
        ? { url: scheme + importer(context.parentURL, tests), shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) =>
      url.startsWith(scheme)
        ? { format: 'module', source: source(url.slice(scheme.length)), shortCircuit: true }
        : next(url, context)
  })
}

const source = (file: string) =>
  `export default globalThis[Symbol.for('${scheme}')].get(${JSON.stringify(file)})`

/** The importing test file. A module that several share cannot know which of them it serves. */
function importer(url: string | undefined, tests: ReadonlyMap<string, Test>): string {
  if (url !== undefined && tests.has(url)) return url
  const file = path.relative('', new URL(url ?? 'file:///').pathname)
  throw new Error(`${file} imports tap, so the test files that import it run alone`)
}
