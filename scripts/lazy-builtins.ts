import { createRequire } from 'node:module'
import path from 'node:path'
import type { Plugin } from 'esbuild'

/** Modules of Node that take milliseconds to load, and that most renders never call. */
const slow = ['node:crypto', 'node:child_process', 'node:os', 'node:zlib']
/** Modules that nearly every file imports. esbuild would copy their members for each of these files. */
const usual = ['node:path', 'node:fs', 'node:buffer', 'node:util']
const rooms = ['bin', 'common', 'evidence', 'plugin']
const require = createRequire(import.meta.url)

/**
 * Loads slow Node modules at the first call of one of their functions, and the usual ones once, in the code
 * that renders. Of slow ones, classes are left out: importing one there fails the build.
 */
export function lazyBuiltins(root: string): Plugin {
  return {
    name: 'lazy-builtins',
    setup: build => {
      build.onResolve({ filter: /^node:/ }, ({ path: name, importer }) => {
        const [room = ''] = path.relative(root, importer).split(path.sep)
        if (!rooms.includes(room) || ![...slow, ...usual].includes(name)) return undefined
        return { path: name, namespace: 'lazy', sideEffects: false }
      })
      build.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path: name }) => ({
        contents: usual.includes(name) ? loadedOnce(name) : loadedLate(name),
        loader: 'js'
      }))
    }
  }
}

/** Members that nobody imports are dropped: reading some of them loads more modules. */
function loadedOnce(name: string): string {
  const members = Object.keys(require(name) as object).filter(each => each !== 'default')
  return [
    `const loaded = require('${name}')`,
    'const take = name => loaded[name]',
    'export default loaded',
    ...members.map(each => `export const ${each} = /* @__PURE__ */ take('${each}')`)
  ].join('\n')
}

function loadedLate(name: string): string {
  const all = Object.entries(require(name) as Readonly<Record<string, unknown>>)
  return all
    .filter(([each, value]) => typeof value === 'function' && /^[a-z]/.test(each))
    .map(([each]) => `export const ${each} = (...args) => require('${name}').${each}(...args)\n`)
    .join('')
}
