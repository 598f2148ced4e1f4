import { createRequire } from 'node:module'
import path from 'node:path'
import type { Plugin } from 'esbuild'

/** Modules of Node that take milliseconds to load, and that most renders never call. */
const slow = ['node:crypto', 'node:child_process', 'node:os', 'node:zlib']
const rooms = ['bin', 'common', 'evidence', 'plugin']
const require = createRequire(import.meta.url)

/**
 * Loads slow Node modules at the first call of one of their functions, in the code that renders. Classes are
 * left out: importing one there fails the build.
 */
export function lazyBuiltins(root: string): Plugin {
  return {
    name: 'lazy-builtins',
    setup: build => {
      build.onResolve({ filter: /^node:/ }, ({ path: name, importer }) => {
        const [room = ''] = path.relative(root, importer).split(path.sep)
        if (!slow.includes(name) || !rooms.includes(room)) return undefined
        return { path: name, namespace: 'lazy', sideEffects: false }
      })
      build.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path: name }) => ({
        contents: functionsOf(name)
          .map(each => `export const ${each} = (...args) => require('${name}').${each}(...args)\n`)
          .join(''),
        loader: 'js'
      }))
    }
  }
}

function functionsOf(name: string): readonly string[] {
  const all = Object.entries(require(name) as Readonly<Record<string, unknown>>)
  return all.flatMap(([each, value]) =>
    typeof value === 'function' && /^[a-z]/.test(each) ? [each] : []
  )
}
