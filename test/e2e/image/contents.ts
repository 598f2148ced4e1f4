import assert from 'node:assert/strict'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Points } from '../rig/points.ts'
import type { Container } from './container.ts'

const project = path.join(import.meta.dirname, '../../..')

/** Compilers, interpreters, package managers and downloaders. */
const tools =
  /^(?:npm|npx|corepack|yarn|yarnpkg|pnpm|node-gyp|esbuild|tsc|gcc|g\+\+|cc|c\+\+|clang|make|cmake|ld|python3?|pip3?|go|cargo|curl|wget)$/
/** Files that only a build needs. */
const leftovers = /^(?:node_modules|package-lock\.json|\.npmrc|.*\.map|.*\.ts)$/

/** Tests what the image contains and what it must not contain. */
export async function proveContents(
  container: Container,
  layers: number,
  points: Points
): Promise<void> {
  const { root, config } = container
  const files = [...filesOf(root)]
  const named = (pattern: RegExp) =>
    files.filter(file => pattern.test(path.basename(file)) && isContent(path.join(root, file)))
  await points.check('the image has no build tool, no npm and no leftovers of the build', () => {
    assert.deepEqual(named(tools), [])
    assert.deepEqual(named(leftovers), [])
    assert.ok(files.length > 1_000, `${files.length} files were checked`)
    return Promise.resolve()
  })
  await points.check(
    'the image has one layer, so that no layer keeps files that another removed',
    () => {
      assert.equal(layers, 1)
      return Promise.resolve()
    }
  )
  await points.check('the bundle has no source map and no path of its build', () => {
    const folder = path.join(root, 'usr/local/lib/mlgitops')
    const bundle = readdirSync(folder)
    assert.deepEqual(bundle.sort(), [
      'kubernetes-client.js',
      'mlgitops.js',
      'package.json',
      'render-exported.cache',
      'render.cache',
      'render.js',
      'services.js'
    ])
    for (const file of bundle) {
      const bytes = readFileSync(path.join(folder, file))
      for (const text of [
        'sourceMappingURL',
        '/src/dist',
        '/src/bin',
        '/src/node_modules',
        project
      ])
        assert.equal(bytes.includes(text), false, `${file}: ${text}`)
    }
    return Promise.resolve()
  })
  await points.check('the image sets user, entrypoint, command and environment', () => {
    assert.deepEqual(
      [config.User, config.Entrypoint, config.Cmd],
      ['999', ['/usr/bin/tini', '--'], ['/var/run/argocd/argocd-cmp-server']]
    )
    assert.deepEqual(config.Env, [
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'HOME=/tmp',
      'NODE_COMPILE_CACHE=/tmp/node-compile-cache'
    ])
    return Promise.resolve()
  })
}

function* filesOf(root: string, folder = ''): Generator<string> {
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const file = path.join(folder, entry.name)
    yield file
    if (entry.isDirectory()) yield* filesOf(root, file)
  }
}

/** True for links and non-empty files; builds leave empty files where something was mounted. */
function isContent(file: string): boolean {
  const status = lstatSync(file)
  return status.isSymbolicLink() || (status.isFile() && status.size > 0)
}
