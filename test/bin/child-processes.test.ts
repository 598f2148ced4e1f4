import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { ChildProcesses } from '../../bin/demo/child-processes.ts'
import { rejectedFaultText } from '../fault-text.ts'
import { descendants, withoutProc } from '../process-tree.ts'

const folder = t.testdir({
  'ready.mjs': `console.log('listening on http://127.0.0.1:1'); setInterval(() => {}, 1e6)
    process.on('SIGTERM', () => process.exit(7))`,
  'dies.mjs': `console.error('cannot read the model'); process.exit(3)`,
  'hangs.mjs': `process.on('SIGTERM', () => process.exit(0)); console.log('reading'); setInterval(() => {}, 1e6)`,
  'silent.mjs': ''
})
const program = (name: string) => ({ name, args: [path.join(folder, `${name}.mjs`)] })

/** Processes of a test; at its end none may be left. */
function childProcesses(t: Test, readyTimeoutMs?: number): ChildProcesses {
  const processes = new ChildProcesses(readyTimeoutMs === undefined ? {} : { readyTimeoutMs })
  t.teardown(() => processes.stop())
  return processes
}

function assertNoneLeft(t: Test): void {
  if (withoutProc === false) t.same(descendants(process.pid), [])
}

t.test('A program that is ready has its URL, and its exit code when it is stopped', async t => {
  const processes = childProcesses(t)
  const ready = await processes.start(program('ready'))
  t.equal(ready.url, 'http://127.0.0.1:1')
  t.equal(await ready.stop(), 7)
  assertNoneLeft(t)
})

t.test('A program that ends before it is ready is reported at once, with its output', async t => {
  const processes = childProcesses(t)
  t.equal(
    await rejectedFaultText(processes.start(program('dies'))),
    'dies ended with exit code 3 [DEMO_PROCESS_FAILED]\n  found:    cannot read the model'
  )
  t.equal(
    await rejectedFaultText(processes.start(program('silent'))),
    'silent ended with exit code 0 [DEMO_PROCESS_FAILED]\n  found:    no output'
  )
  assertNoneLeft(t)
})

t.test('A program that hangs is reported after a time', async t => {
  const processes = childProcesses(t, 1_000)
  // On a busy machine a second can pass before its first line.
  t.match(
    await rejectedFaultText(processes.start(program('hangs'))),
    /^hangs was not ready within 1 s \[DEMO_PROCESS_FAILED\]\n {2}found: {4}(?:reading|no output)$/
  )
  await processes.stop()
  assertNoneLeft(t)
})

t.test(
  'When one program fails, work on the others ends with its fault, and all are stopped',
  async t => {
    const processes = childProcesses(t)
    await processes.start(program('ready'))
    const hanging = processes.start(program('hangs'))
    hanging.catch(() => undefined)
    processes.start(program('dies')).catch(() => undefined)
    const expected =
      'dies ended with exit code 3 [DEMO_PROCESS_FAILED]\n  found:    cannot read the model'
    t.equal(await rejectedFaultText(processes.during(hanging)), expected)
    const broken = Promise.reject(new Error('ECONNREFUSED'))
    t.equal(
      await rejectedFaultText(processes.during(broken)),
      expected,
      'the reason, not what follows from it'
    )
    await processes.stop()
    t.match(await rejectedFaultText(hanging), /^hangs (?:ended with exit code 0|was killed) /)
    t.match(await rejectedFaultText(processes.start(program('ready'))), /the demo is stopping/)
    assertNoneLeft(t)
  }
)

t.test('A program that is killed while it is used is reported', { skip: withoutProc }, async t => {
  const processes = childProcesses(t)
  await processes.start(program('ready'))
  const [pid = 0] = descendants(process.pid)
  const work = processes.during(new Promise(() => undefined))
  process.kill(pid, 'SIGKILL')
  t.match(
    await rejectedFaultText(work),
    /^ready was killed \[DEMO_PROCESS_FAILED\]\n {2}found: {4}listening on/
  )
})
