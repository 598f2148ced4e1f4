import { createHash } from 'node:crypto'
import path from 'node:path'
import { transform } from 'esbuild'
import type { BuildResult, Metafile } from 'esbuild'
import { firstLine } from '../bin/bundle/code-cache.ts'
import { shortProgram } from '../bin/bundle/link.ts'
import type { BuiltFiles } from '../bin/bundle/link.ts'

const names = {
  short: 'render.js',
  services: 'services.js',
  kubernetes: 'kubernetes-client.js'
} as const

/** Two builds of the same program. */
export interface Builds {
  /** The commands that render and end, in one chunk: nothing is looked up in another. */
  readonly short: BuildResult<{ write: false }>
  /** All commands, in chunks. */
  readonly split: BuildResult<{ write: false; metafile: true }>
}

/** The texts of a program's files, by name. */
export interface ProgramFiles {
  readonly built: BuiltFiles
  readonly texts: Readonly<Record<string, string>>
}

/**
 * Puts two builds of the program in three files: the commands that render and end; the chunks with the
 * library of Kubernetes, which only a connection to a cluster loads; and the others. A file is an
 * expression: an object whose functions are the chunks.
 */
export async function programFiles({ short, split }: Builds): Promise<ProgramFiles> {
  const files = new Map<string, string[]>(Object.values(names).map(name => [name, []]))
  const fileOf: Record<string, string> = {}
  const add = async (file: string, name: string, text: string) => {
    fileOf[name] = file
    files.get(file)?.push(`${JSON.stringify(name)}${await partOf(text)}`)
  }
  for (const { text } of short.outputFiles) await add(names.short, shortProgram, text)
  for (const chunk of split.outputFiles) {
    const name = nameOf(chunk.path)
    const file = hasKubernetes(split.metafile, name) ? names.kubernetes : names.services
    await add(file, name, chunk.text)
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
