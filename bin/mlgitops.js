#!/usr/bin/env node
// Any Node runs this file. The TypeScript needs Node 22.18, which npm installed as a package.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 22 || (major === 22 && minor >= 18)) await import('./mlgitops.ts')
else {
  const [node, main] = ['../node_modules/node/bin/node', './under-npm-node.js'].map(file =>
    fileURLToPath(new URL(file, import.meta.url))
  )
  const child = spawn(node, [main, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc']
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', code => (process.exitCode = code ?? 1))
}
