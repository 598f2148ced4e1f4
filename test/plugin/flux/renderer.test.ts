import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { Fault } from '../../../common/fault.ts'
import { generateKeyPair, readSigningKey } from '../../../evidence/attestation/key.ts'
import { buildArtifact } from '../../../plugin/flux/artifact/artifact.ts'
import type { RenderInput } from '../../../plugin/flux/release/render-release.ts'
import { renderRelease } from '../../../plugin/flux/release/render-release.ts'
import { answerJob } from '../../../plugin/flux/renderer/renderer-process.ts'
import type { JobSigning } from '../../../plugin/flux/renderer/renderer-process.ts'
import type { RendererMessage } from '../../../plugin/flux/renderer/renderer-process.ts'
import { defaultRendererLimits, RendererPool } from '../../../plugin/flux/renderer/renderer-pool.ts'
import { configMap, TestRepository } from '../repository.ts'
import { until } from './flux-cluster.ts'

const work = mkdtempSync(path.join(tmpdir(), 'mlgitops-renderer-'))
t.teardown(() => {
  rmSync(work, { recursive: true, force: true })
})
// A file may make a million loop iterations: these are 900,000, in each of a hundred files.
const round = `# ${'{{#each .Values.list}}'.repeat(5)}x${'{{/each}}'.repeat(5)}\n`
const busy = Array.from({ length: 100 }, (_, at) => [`busy/${at}.yaml`, round.repeat(8)] as const)
const repository = new TestRepository({
  'app/pod.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: registry.example.com/i:1}]}\n',
  'broken/map.yaml': configMap('v: {{ .Values.nope }}'),
  'slow/map.yaml': configMap('v: 1') + round.repeat(8),
  'malicious/map.yaml': configMap('v: 1'),
  'malicious/mlgitops.yaml': `apiVersion: mlgitops.io/v1alpha1
kind: Project
patches: [{target: {}, json: [{op: add, path: /hasOwnProperty/call, value: 1}]}]
`,
  ...Object.fromEntries(busy)
})
t.teardown(() => {
  repository.remove()
})
const { privatePem } = generateKeyPair()
const commit = 'a'.repeat(40)

function input(folder: string): RenderInput {
  return {
    folder: repository.folder,
    name: 'iris',
    release: {
      sourceRef: { kind: 'GitRepository', name: 'x', namespace: 'ml' },
      path: folder,
      environment: undefined,
      targetNamespace: 'ml',
      values: { list: Array.from({ length: 10 }, () => 1) },
      valuesFrom: [],
      keySecret: 'key',
      artifactName: 'iris',
      intervalMs: 60_000,
      isSuspended: false
    },
    origin: {
      commit,
      revision: `main@sha1:${commit}`,
      targetRevision: 'main',
      repository: undefined
    },
    valueFiles: [{ file: 'spec.values', values: { large: 9_007_199_254_740_993n } }],
    signing: { kind: 'key', key: readSigningKey(privatePem, 'key') }
  }
}

t.test('a renderer process gives the same bytes and faults as this process', async t => {
  const folder = path.join(work, 'pool')
  const pool = new RendererPool(folder)
  t.teardown(() => {
    pool.close()
  })
  const here = buildArtifact('iris', await renderRelease(input('app')))
  t.same(await pool.render(input('app')), here)
  await t.rejects(pool.render(input('broken')), {
    code: 'TEMPLATE_VALUE_MISSING',
    details: { where: 'map.yaml:6:9' }
  })
  const many = await Promise.all(Array.from({ length: 8 }, () => pool.render(input('app'))))
  t.ok(many.every(({ digest }) => digest === here.digest))
  t.equal(readdirSync(folder).length, 1, 'quick renders need one process')
  const answer = (signing: JobSigning | undefined, more = {}) =>
    answerJob({ ...input('app'), signing, ...more }, () => Promise.reject(new Error('not asked')))
  t.match(await answer({ kind: 'key', pem: privatePem }), { kind: 'rendered' })
  t.match(await answer({ kind: 'key', pem: 'no key' }), {
    kind: 'fault',
    code: 'KEY_INVALID'
  })
  t.same(await answer(undefined, { release: undefined }), { kind: 'bug', name: 'TypeError' })
})

/** The renderer processes that start while `action` runs. */
async function processesOf(action: () => Promise<void>): Promise<readonly ChildProcess[]> {
  const started: ChildProcess[] = []
  const onStart = (message: unknown) => {
    started.push((message as { readonly process: ChildProcess }).process)
  }
  subscribe('child_process', onStart)
  try {
    await action()
  } finally {
    unsubscribe('child_process', onStart)
  }
  return started.filter(({ spawnargs }) => spawnargs.includes('flux-renderer'))
}

/** A render that throws a TypeError in the renderer process. */
const withBug = { ...input('app'), release: undefined as never }
const bug = { code: 'RENDER_DEFECT', message: 'internal error (TypeError)' }
const rendered = { revision: /^iris@/ }

t.test('a process that hit a bug is replaced: queued renders succeed in another one', async t => {
  const limits = { ...defaultRendererLimits, maxProcesses: 1 }
  const pool = new RendererPool(path.join(work, 'bug'), limits)
  t.teardown(() => {
    pool.close()
  })
  const started = await processesOf(async () => {
    const renders = [withBug, input('app'), input('app')].map(each => pool.render(each))
    const [failed, ...others] = await Promise.allSettled(renders)
    t.match(failed, { reason: bug })
    t.match(others, [{ value: rendered }, { value: rendered }])
  })
  t.equal(started.length, 2)
  const [first, second] = started
  t.not(first?.pid, second?.pid)
  await until(() => first?.signalCode === 'SIGKILL')
  t.equal(second?.signalCode, null)
})

t.test('a bug in a used process is a fault only if a new process hits it too', async t => {
  const limits = { ...defaultRendererLimits, maxProcesses: 1 }
  const pool = new RendererPool(path.join(work, 'used'), limits)
  t.teardown(() => {
    pool.close()
  })
  const started = await processesOf(async () => {
    t.match(await pool.render(input('app')), rendered)
    await t.rejects(pool.render(withBug), bug)
  })
  t.equal(started.length, 2, 'the render was repeated in a new process')
  const others = await processesOf(async () => {
    t.match(await pool.render(input('app')), rendered)
  })
  t.equal(others.length, 1)

  t.comment('an earlier render broke the process: it reports a bug for a render without one')
  const again = await processesOf(async () => {
    const render = pool.render(input('slow'))
    // The process has the job once all promises that wait for nothing else have settled.
    await setImmediate()
    const message: RendererMessage = { kind: 'bug', name: 'TypeError' }
    others[0]?.emit('message', message)
    t.match(await render, rendered)
  })
  t.equal(again.length, 1, 'it succeeds in a new process')
  await until(() => others[0]?.signalCode === 'SIGKILL')
})

t.test('a bug in one process leaves a render in the other one alone', async t => {
  const limits = { ...defaultRendererLimits, patienceMs: 0 }
  const pool = new RendererPool(path.join(work, 'two'), limits)
  t.teardown(() => {
    pool.close()
  })
  const started = await processesOf(async () => {
    const slow = pool.render(input('slow'))
    await t.rejects(pool.render(withBug), bug)
    t.match(await slow, rendered)
    t.match(await pool.render(input('app')), rendered)
  })
  t.equal(started.length, 2, 'the process of the slow render is still used')
  t.equal(started[0]?.signalCode, null)
})

t.test('a malicious patch fails its own render and changes nothing in the process', async t => {
  const pool = new RendererPool(path.join(work, 'malicious'))
  t.teardown(() => {
    pool.close()
  })
  const started = await processesOf(async () => {
    await t.rejects(pool.render(input('malicious')), {
      code: 'PATCH_FAILED',
      message: 'JSON patch operation 0 failed: /hasOwnProperty does not exist'
    })
    t.match(await pool.render(input('app')), rendered)
  })
  t.equal(started.length, 1)
})

t.test('a render that takes too long is killed, and others are rendered meanwhile', async t => {
  const pool = new RendererPool(path.join(work, 'busy'), {
    maxProcesses: 2,
    patienceMs: 100,
    timeoutMs: 4_000,
    idleMs: 50
  })
  t.teardown(() => {
    pool.close()
  })
  const ended = pool.render(input('busy')).catch((error: unknown) => error)
  t.match(await pool.render(input('app')), { revision: /^iris@/ })
  const fault = await ended
  t.match(fault, { code: 'RENDER_TIMEOUT', details: { expected: 'at most 4 seconds' } })
  t.ok(fault instanceof Fault)
  t.match(await pool.render(input('app')), { revision: /^iris@/ }, 'in a new process')
  await until(() => readdirSync(path.join(work, 'busy')).length === 0)
  t.match(await pool.render(input('app')), { revision: /^iris@/ }, 'after idle processes ended')
})

t.test('closing the pool kills running renders without a fault', async t => {
  const folder = path.join(work, 'closed')
  const pool = new RendererPool(folder)
  const ended = pool.render(input('busy'))
  await until(() => existsSync(folder) && readdirSync(folder).length === 1)
  pool.close()
  await t.rejects(ended, { message: 'the renderer pool is closed', name: 'Error' })
  await t.rejects(pool.render(input('app')), { message: 'the renderer pool is closed' })
  t.same(readdirSync(folder), [])
})

t.test(
  'a process that cannot start is a fault of the machine, for every waiting render',
  async t => {
    const { execPath } = process
    const folder = path.join(work, 'unstarted')
    const pool = new RendererPool(folder, {
      maxProcesses: 2,
      patienceMs: 50,
      timeoutMs: 30_000,
      idleMs: 60_000
    })
    t.teardown(() => {
      process.execPath = execPath
      pool.close()
    })
    const fault = {
      code: 'RENDER_START',
      message: 'cannot start a renderer process',
      details: { remedy: 'Check that the machine has free memory, processes and disk space.' }
    }
    process.execPath = path.join(work, 'no-node')
    await t.rejects(pool.render(input('app')), { ...fault, details: { found: 'ENOENT' } })
    process.execPath = '/bin/true'
    await t.rejects(pool.render(input('app')), {
      ...fault,
      details: { found: 'it ended before it was ready' }
    })
    process.execPath = execPath
    t.match(
      await pool.render(input('app')),
      { revision: /^iris@/ },
      'a process that can start renders again'
    )

    t.comment('no disk space for the folder: every waiting render fails')
    const busy = pool.render(input('busy')).catch((error: unknown) => error)
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'a file where the folder was')
    await t.rejects(pool.render(input('app')), { ...fault, details: { found: /^E/ } })
    pool.close()
    t.match(await busy, { message: 'the renderer pool is closed' })
  }
)
