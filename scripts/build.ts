import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { lazyBuiltins } from './lazy-builtins.ts'
import { leanKubernetesClient } from './lean-kubernetes-client.ts'
import { oneFile } from './one-file.ts'

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

mkdirSync(dist, { recursive: true })
const { outputFiles, metafile } = await build({
  entryPoints: [path.join(root, 'bin/mlgitops.bundle.ts')],
  outdir: dist,
  bundle: true,
  splitting: true,
  write: false,
  platform: 'node',
  target: 'node22.18',
  format: 'esm',
  // `import.meta` does not exist in the CommonJS file that all modules become.
  define: { 'import.meta.filename': '__filename', 'import.meta.main': 'false' },
  plugins: [lazyBuiltins(root), leanKubernetesClient],
  metafile: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning'
})
/** Chunks with the library of Kubernetes: only a service that talks to a cluster loads them. */
const kubernetesChunks = Object.entries(metafile.outputs).flatMap(([name, { inputs }]) =>
  Object.keys(inputs).some(input => input.includes('/@kubernetes/client-node/'))
    ? [path.basename(name)]
    : []
)
const program = await oneFile(outputFiles, './mlgitops.bundle.js', {
  banner: `#!/usr/bin/env node\n${refusesOldNode}`,
  apart: {
    name: './kubernetes-client.js',
    has: chunk => kubernetesChunks.includes(path.basename(chunk.path))
  }
})
writeFileSync(path.join(dist, 'mlgitops.js'), program.main)
writeFileSync(path.join(dist, 'kubernetes-client.js'), program.apart)
writeFileSync(path.join(dist, 'package.json'), '{ "type": "commonjs" }\n')
chmodSync(path.join(dist, 'mlgitops.js'), 0o755)
