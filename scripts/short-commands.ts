import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Plugin } from 'esbuild'

/** The commands that read, render, print and end. The others are in `services.js`. */
const modules = [
  '../plugin/render-command.ts',
  '../plugin/parameters-command.ts',
  '../plugin/function/function-command.ts',
  '../plugin/model-digest/digest-command.ts',
  '../plugin/keygen-command.ts'
]

/**
 * Makes the short commands of `bin/run.ts` a part of the program that is not loaded later: esbuild can then
 * put all modules in one scope. The other commands, which `bin/bundle/launch.ts` finds in `services.js`, are
 * left out.
 */
export function shortCommands(root: string): Plugin {
  return {
    name: 'short-commands',
    setup: build => {
      build.onLoad({ filter: /\/bin\/run\.ts$/ }, ({ path: file }) => {
        const imports = modules.map((module, at) => `import * as command${at} from '${module}'\n`)
        const text = readFileSync(file, 'utf8').replace(
          /await import\('([^']+)'\)/g,
          (_, module: string) => {
            const at = modules.indexOf(module)
            return at === -1 ? `require('left-out:${module}')` : `command${at}`
          }
        )
        return {
          contents: imports.join('') + text,
          loader: 'ts',
          resolveDir: path.join(root, 'bin')
        }
      })
      build.onResolve({ filter: /^left-out:/ }, ({ path: module }) => ({
        path: module,
        namespace: 'left-out'
      }))
      build.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path: module }) => ({
        contents: `throw new Error(${JSON.stringify(`${module} is in services.js`)})`,
        loader: 'js'
      }))
    }
  }
}
