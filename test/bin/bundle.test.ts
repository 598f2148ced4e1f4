import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'

const folder = t.testdir({
  'old-node.cjs': `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`
})
const bundle = path.join(folder, 'mlgitops.js')
const built = spawnSync(process.execPath, ['scripts/build.ts', folder])

t.test('The bundle starts by itself, in strict mode', t => {
  t.equal(built.status, 0, built.stderr.toString())
  t.equal(readFileSync(bundle, 'utf8').split('\n')[1], '"use strict"')
  const { status, stdout } = spawnSync(process.execPath, [bundle, '--help'])
  t.equal(status, 0)
  t.match(stdout.toString(), /^Usage: mlgitops COMMAND/)
  t.end()
})

t.test('A Node that is too old is told so, not a defect', t => {
  const old = ['-r', path.join(folder, 'old-node.cjs'), bundle, 'render']
  const { status, stdout, stderr } = spawnSync(process.execPath, old)
  t.equal(status, 1)
  t.equal(stdout.toString(), '')
  t.equal(stderr.toString(), 'mlgitops: needs Node 22.18 or newer; this is 20.20.2\n')
  t.end()
})
