import path from 'node:path'
import { transform } from 'esbuild'
import type { OutputFile } from 'esbuild'

/** A program in two files. */
export interface Program {
  readonly main: string
  /** Chunks that most commands never load; the main file requires it when the first of them is asked for. */
  readonly apart: string
}

/**
 * Joins the chunks that esbuild splits a program into in one CommonJS file, and those that stand apart in
 * another. Each chunk is a function that runs when it is first required, so a command only reads the code
 * that it does not use, and does not even read what stands apart.
 *
 * @param apart the chunks of the second file, and its name
 */
export async function oneFile(
  chunks: readonly OutputFile[],
  entry: string,
  options: {
    readonly banner: string
    readonly apart: { readonly name: string; readonly has: (chunk: OutputFile) => boolean }
  }
): Promise<Program> {
  const { banner, apart } = options
  const parts = async (isApart: boolean) => {
    const chosen = chunks.filter(chunk => apart.has(chunk) === isApart)
    return `{${(await Promise.all(chosen.map(partOf))).join(',\n')}}`
  }
  const names = chunks.filter(apart.has).map(nameOf)
  const main = `${banner}
const parts=${await parts(false)}
const apart=new Set(${JSON.stringify(names)})
const loaded=new Map()
const load=name=>{
  if(apart.has(name)&&!Object.hasOwn(parts,name))Object.assign(parts,require(${JSON.stringify(apart.name)}))
  const part=Object.hasOwn(parts,name)?parts[name]:undefined
  if(part===undefined)return require(name)
  const known=loaded.get(name)
  if(known!==undefined)return known.exports
  const module={exports:{}}
  loaded.set(name,module)
  part(module,module.exports,load)
  return module.exports
}
load(${JSON.stringify(entry)})
`
  return { main, apart: `"use strict"\nmodule.exports=${await parts(true)}\n` }
}

async function partOf(chunk: OutputFile): Promise<string> {
  const { code } = await transform(chunk.text, {
    format: 'cjs',
    platform: 'node',
    target: 'node22.18',
    // `import('./chunk.js')` becomes a call of require, which is the loader.
    supported: { 'dynamic-import': false },
    minify: true,
    legalComments: 'none'
  })
  return `${JSON.stringify(nameOf(chunk))}(module,exports,require){${code}}`
}

function nameOf(chunk: OutputFile): string {
  return `./${path.basename(chunk.path)}`
}
