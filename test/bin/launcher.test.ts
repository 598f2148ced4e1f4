import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import t from 'tap'
import { eventually } from '../eventually.ts'
import { descendants, isRunning, withoutProc } from '../process-tree.ts'

const folder = t.testdir({
  'old-node.cjs': `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`
})
const launched = ['-r', path.join(folder, 'old-node.cjs'), 'bin/mlgitops.js']

t.test('Under an older Node the command runs with npm’s: same output, same exit code', t => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...launched, 'render', '--nope'])
  t.equal(status, 2)
  t.equal(stdout.toString(), '')
  t.match(stderr.toString(), /^mlgitops render: Unknown option '--nope'/)
  t.end()
})

t.test('When the launcher is killed, the service ends too', { skip: withoutProc }, async t => {
  const args = [...launched, 'serve', 'analysis', '--listen', '127.0.0.1:0']
  const launcher = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  await once(launcher.stdout, 'data')
  const services = descendants(launcher.pid ?? 0)
  t.equal(services.length, 1)
  launcher.kill('SIGKILL')
  await eventually(() => !services.some(isRunning))
})
