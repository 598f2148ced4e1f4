import { createHash } from 'node:crypto'
import path from 'node:path'
import { transform } from 'esbuild'
import type { BuildResult, Metafile } from 'esbuild'
import { firstLine } from '../bin/bundle/code-cache.ts'
import type { BuiltFiles } from '../bin/bundle/link.ts'

/** The commands that start, render and end: their code is in a file of its own. */
const shortCommands = [
  'plugin/render-command.ts',
  'plugin/parameters-command.ts',
  'plugin/function/function-command.ts',
  'plugin/model-digest/digest-command.ts',
  'plugin/keygen-command.ts'
]

const names = {
  short: 'render.js',
  services: 'services.js',
  kubernetes: 'kubernetes-client.js'
} as const

type Split = BuildResult<{ write: false; metafile: true }>

/** The texts of a program's files, by name. */
export interface ProgramFiles {
  readonly built: BuiltFiles
  readonly texts: Readonly<Record<string, string>>
}

/**
 * Puts the chunks that esbuild splits a program into in three files: those of the commands that render,
 * those with the library of Kubernetes, which only a connection to a cluster loads, and the others. A file
 * is an expression: an object whose functions are the chunks.
 */
export async function programFiles(
  { outputFiles, metafile }: Split,
  entry: string
): Promise<ProgramFiles> {
  const short = chunksOf(metafile, [entry, ...shortCommands])
  const files = new Map<string, string[]>(Object.values(names).map(name => [name, []]))
  const fileOf: Record<string, string> = {}
  for (const chunk of outputFiles) {
    const name = nameOf(chunk.path)
    const file = short.has(name)
      ? names.short
      : hasKubernetes(metafile, name)
        ? names.kubernetes
        : names.services
    fileOf[name] = file
    files.get(file)?.push(`${JSON.stringify(name)}${await partOf(chunk.text)}`)
  }
  const bodies = [...files].map(([file, parts]) => [file, `{${parts.join(',\n')}}`] as const)
  const built = { build: digestOf(bodies), fileOf }
  const texts = Object.fromEntries(bodies.map(([file, body]) => [file, fileText(built, body)]))
  return { built, texts }
}

/** Node requires the file as a module; a script has no `module`, and its value is the last expression's. */
function fileText(built: BuiltFiles, body: string): string {
  const text = `${firstLine(built)}"use strict";(typeof module==="object"?module:{}).exports=${body}\n`
  // It is read byte by byte, which is the cheapest for V8.
  if (/[^\0-\x7f]/.test(text)) throw new Error('the program must be ASCII')
  return text
}

async function partOf(text: string): Promise<string> {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node22.18',
    // `import('./chunk.js')` becomes a call of require, which is the loader.
    supported: { 'dynamic-import': false },
    minify: true,
    legalComments: 'none'
  })
  return `(module,exports,require,__filename){${code}}`
}

/** The chunks that some modules load, at once or later. What the program's entry loads later is left out. */
function chunksOf({ outputs }: Metafile, [entry, ...commands]: readonly string[]) {
  const found = new Set<string>()
  const add = (output: string) => {
    const name = nameOf(output)
    if (found.has(name)) return
    found.add(name)
    for (const { path: target, kind } of outputs[output]?.imports ?? [])
      if (kind === 'import-statement' || outputs[output]?.entryPoint !== entry)
        if (target in outputs) add(target)
  }
  for (const module of [entry, ...commands]) {
    const output = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === module)
    if (output === undefined) throw new Error(`${module ?? ''} is not in the program`)
    add(output[0])
  }
  return found
}

function hasKubernetes({ outputs }: Metafile, name: string): boolean {
  return Object.entries(outputs).some(
    ([output, { inputs }]) =>
      nameOf(output) === name &&
      Object.keys(inputs).some(input => input.includes('/@kubernetes/client-node/'))
  )
}

function digestOf(bodies: readonly (readonly [string, string])[]): string {
  return createHash('sha256').update(JSON.stringify(bodies)).digest('hex')
}

function nameOf(output: string): string {
  return `./${path.basename(output)}`
}
