import type { Plugin } from 'esbuild'

const library = '/node_modules/@kubernetes/client-node/dist/'

/**
 * Of @kubernetes/client-node the bundle gets what is imported, and not all 69 APIs: its package does not
 * declare that its modules have no side effects, though only `polyfill.js` has any. undici is left out:
 * requests go by service/kubernetes/transport.ts, and nothing of ours calls it.
 */
export const leanKubernetesClient: Plugin = {
  name: 'lean-kubernetes-client',
  setup: build => {
    build.onResolve({ filter: /^\.|^@kubernetes\/client-node$/ }, async args => {
      const { path: name, importer, resolveDir, kind } = args
      const isOurs = name.startsWith('.') && !importer.includes(library)
      if (args.pluginData === library || isOurs || name.endsWith('/polyfill.js')) return undefined
      const found = await build.resolve(name, { importer, resolveDir, kind, pluginData: library })
      return { ...found, sideEffects: false }
    })
    build.onResolve({ filter: /^undici$/ }, ({ importer }) =>
      importer.includes(library) ? { path: 'undici', namespace: 'lean' } : undefined
    )
    build.onLoad({ filter: /.*/, namespace: 'lean' }, () => ({
      contents: ['fetch', 'Agent', 'ProxyAgent']
        .map(name => `export function ${name}() { throw new Error('undici is not bundled') }\n`)
        .join('')
    }))
  }
}
