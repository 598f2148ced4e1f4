import path from 'node:path'
import { transform } from 'esbuild'
import type { OutputFile } from 'esbuild'

/**
 * Joins the chunks that esbuild splits a program into in one CommonJS file. Each chunk is a function that
 * runs when it is first required, so a command only reads the code that it does not use.
 */
export async function oneFile(
  chunks: readonly OutputFile[],
  entry: string,
  banner: string
): Promise<string> {
  const parts = await Promise.all(
    chunks.map(async chunk => {
      const { code } = await transform(chunk.text, {
        format: 'cjs',
        platform: 'node',
        target: 'node22.18',
        // `import('./chunk.js')` becomes a call of require, which is the loader below.
        supported: { 'dynamic-import': false },
        minify: true,
        legalComments: 'none'
      })
      const name = `./${path.basename(chunk.path)}`
      return `${JSON.stringify(name)}(module,exports,require){${code}}`
    })
  )
  return `${banner}
const parts={${parts.join(',\n')}}
const loaded=new Map()
const load=name=>{
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
}
