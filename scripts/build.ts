import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import type { BuildOptions } from 'esbuild'
import { lazyBuiltins } from './lazy-builtins.ts'
import { leanKubernetesClient } from './lean-kubernetes-client.ts'
import { programFiles } from './program-files.ts'
import { shortCommands } from './short-commands.ts'

const root = path.join(import.meta.dirname, '..')
// Tests pass another folder.
const dist = process.argv[2] ?? path.join(root, 'dist')

/** Runs before any code that an older Node cannot parse. */
const refusesOldNode = `"use strict"
{
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 22 || (major === 22 && minor < 18)) {
    console.error('mlgitops: needs Node 22.18 or newer; this is ' + process.versions.node)
    process.exit(1)
  }
}`

const settings = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node22.18',
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning'
} satisfies BuildOptions

const program = {
  ...settings,
  entryPoints: ['bin/mlgitops.bundle.ts'],
  outdir: dist,
  write: false,
  format: 'esm',
  // `import.meta` does not exist in a CommonJS module, which each chunk becomes.
  define: { 'import.meta.filename': '__filename', 'import.meta.main': 'false' }
} satisfies BuildOptions
const split = await build({
  ...program,
  splitting: true,
  plugins: [lazyBuiltins(root), leanKubernetesClient],
  metafile: true
})
const short = await build({ ...program, plugins: [lazyBuiltins(root), shortCommands(root)] })
const { built, texts } = await programFiles({ short, split })

mkdirSync(dist, { recursive: true })
for (const [file, text] of Object.entries(texts)) writeFileSync(path.join(dist, file), text)
await build({
  ...settings,
  entryPoints: [path.join(root, 'bin/bundle/launch.ts')],
  outfile: path.join(dist, 'mlgitops.js'),
  format: 'cjs',
  minify: true,
  banner: { js: `#!/usr/bin/env node\n${refusesOldNode}` },
  define: { builtFiles: JSON.stringify(built) }
})
chmodSync(path.join(dist, 'mlgitops.js'), 0o755)
writeFileSync(path.join(dist, 'package.json'), '{ "type": "commonjs" }\n')
for (const kind of ['exported', 'repository']) {
  // Its messages are in the error if it fails; the warnings of the example's renders are of no interest.
  execFileSync(
    process.execPath,
    [path.join(import.meta.dirname, 'warm-up.ts'), dist, JSON.stringify(built), 'render.js', kind],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env.PATH } }
  )
}
