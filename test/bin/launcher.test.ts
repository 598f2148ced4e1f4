import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'

const folder = t.testdir({
  'old-node.cjs': `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`
})
const launched = ['-r', path.join(folder, 'old-node.cjs'), 'bin/mlgitops.js']

t.test('Under an older Node the command goes on with npm’s: same output, same exit code', t => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...launched, 'render', '--nope'])
  t.equal(status, 2)
  t.equal(stdout.toString(), '')
  t.match(stderr.toString(), /^mlgitops render: Unknown option '--nope'/)
  t.end()
})

const noProc = process.platform === 'linux' ? false : 'needs /proc'

t.test('Who is killed takes it along: no service keeps its port', { skip: noProc }, async t => {
  const args = [...launched, 'serve', 'analysis', '--listen', '127.0.0.1:0']
  const launcher = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const { pid = 0 } = launcher
  await once(launcher.stdout, 'data')
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  t.match(children, /^\d+$/)
  launcher.kill('SIGKILL')
  const isRunning = () => {
    try {
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${children}/status`, 'utf8'))
    } catch {
      return false
    }
  }
  for (let i = 0; i < 500 && isRunning(); i += 1) await sleep(20)
  t.notOk(isRunning())
})
