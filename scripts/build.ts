import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'

const root = path.join(import.meta.dirname, '..')
// Another folder, as a test wants it, may be given.
const dist = process.argv[2] ?? path.join(root, 'dist')

/** Before anything that an older Node cannot run. */
const refusesOldNode = `"use strict"
{
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 22 || (major === 22 && minor < 18)) {
    console.error('mlgitops: needs Node 22.18 or newer; this is ' + process.versions.node)
    process.exit(1)
  }
}`

mkdirSync(dist, { recursive: true })
await build({
  entryPoints: [path.join(root, 'bin/mlgitops.bundle.ts')],
  outfile: path.join(dist, 'mlgitops.js'),
  bundle: true,
  platform: 'node',
  target: 'node22.18',
  // CommonJS starts several milliseconds faster than a module.
  format: 'cjs',
  // A module's own words for what a CommonJS file has under other names.
  define: { 'import.meta.filename': '__filename', 'import.meta.main': 'false' },
  minify: true,
  keepNames: true,
  banner: { js: `#!/usr/bin/env node\n${refusesOldNode}` },
  legalComments: 'none',
  logLevel: 'warning'
})
writeFileSync(path.join(dist, 'package.json'), '{ "type": "commonjs" }\n')
chmodSync(path.join(dist, 'mlgitops.js'), 0o755)
