import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { Fault } from '../../../common/fault.ts'
import { generateKeyPair, readSigningKey } from '../../../evidence/attestation/key.ts'
import { buildArtifact } from '../../../plugin/flux/artifact/artifact.ts'
import type { RenderInput } from '../../../plugin/flux/release/render-release.ts'
import { renderRelease } from '../../../plugin/flux/release/render-release.ts'
import { answerJob } from '../../../plugin/flux/renderer/renderer-process.ts'
import { RendererPool } from '../../../plugin/flux/renderer/renderer-pool.ts'
import { configMap, TestRepository } from '../repository.ts'
import { until } from './flux-cluster.ts'

const work = mkdtempSync(path.join(tmpdir(), 'mlgitops-renderer-'))
t.teardown(() => {
  rmSync(work, { recursive: true, force: true })
})
// A million rounds are allowed in a file: these are 900,000, in each of a hundred files.
const round = `# ${'{{#each .Values.list}}'.repeat(5)}x${'{{/each}}'.repeat(5)}\n`
const busy = Array.from({ length: 100 }, (_, at) => [`busy/${at}.yaml`, round.repeat(8)] as const)
const repository = new TestRepository({
  'app/pod.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: registry.example.com/i:1}]}\n',
  'broken/map.yaml': configMap('v: {{ .Values.nope }}'),
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
    key: readSigningKey(privatePem, 'key')
  }
}

t.test('a process renders the same bytes as this one would, faults included', async t => {
  const folder = path.join(work, 'pool')
  const pool = new RendererPool(folder)
  t.teardown(() => {
    pool.close()
  })
  const here = buildArtifact('iris', await renderRelease(input('app')))
  t.same(await pool.make(input('app')), here)
  await t.rejects(pool.make(input('broken')), {
    code: 'TEMPLATE_VALUE_MISSING',
    details: { where: 'map.yaml:6:9' }
  })
  const many = await Promise.all(Array.from({ length: 8 }, () => pool.make(input('app'))))
  t.ok(many.every(({ digest }) => digest === here.digest))
  t.equal(readdirSync(folder).length, 1, 'one process is enough for those that are quick')
  const unsigned = { ...input('app'), key: undefined }
  t.match(await answerJob({ ...unsigned, keyPem: privatePem }), { kind: 'made' })
  t.match(await answerJob({ ...unsigned, keyPem: 'no key' }), {
    kind: 'fault',
    code: 'KEY_INVALID'
  })
  const broken = { ...unsigned, keyPem: undefined, release: undefined as never }
  t.same(await answerJob(broken), { kind: 'defect', name: 'TypeError' })
})

t.test('a render that has no end is ended, and others go on beside it', async t => {
  const pool = new RendererPool(path.join(work, 'busy'), {
    maxProcesses: 2,
    patienceMs: 100,
    timeoutMs: 4_000,
    idleMs: 50
  })
  t.teardown(() => {
    pool.close()
  })
  const ended = pool.make(input('busy')).catch((error: unknown) => error)
  t.match(await pool.make(input('app')), { revision: /^iris@/ })
  const fault = await ended
  t.match(fault, { code: 'RENDER_TIMEOUT', details: { expected: 'an end within 4 seconds' } })
  t.ok(fault instanceof Fault)
  t.match(await pool.make(input('app')), { revision: /^iris@/ }, 'by a new process')
  await until(() => readdirSync(path.join(work, 'busy')).length === 0)
  t.match(await pool.make(input('app')), { revision: /^iris@/ }, 'after they went for want of work')
})

t.test('a pool that is closed ends what it is at, which is no fault of the render', async t => {
  const folder = path.join(work, 'closed')
  const pool = new RendererPool(folder)
  const ended = pool.make(input('busy'))
  await until(() => existsSync(folder) && readdirSync(folder).length === 1)
  pool.close()
  await t.rejects(ended, { message: 'the renderers are closed', name: 'Error' })
  await t.rejects(pool.make(input('app')), { message: 'the renderers are closed' })
  t.same(readdirSync(folder), [])
})

t.test('a machine that cannot start a process is no fault of a render', async t => {
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
    message: 'a process that renders cannot be started',
    details: { remedy: 'The machine may lack memory, processes or room on its disk.' }
  }
  process.execPath = path.join(work, 'no-node')
  await t.rejects(pool.make(input('app')), { ...fault, details: { found: 'ENOENT' } })
  process.execPath = '/bin/true'
  await t.rejects(pool.make(input('app')), { ...fault, details: { found: 'it ended at once' } })
  process.execPath = execPath
  t.match(await pool.make(input('app')), { revision: /^iris@/ }, 'it goes on when there is one')

  t.comment('a disk that has no room for a folder: everybody who waits hears of it, also later')
  const busy = pool.make(input('busy')).catch((error: unknown) => error)
  rmSync(folder, { recursive: true })
  writeFileSync(folder, 'a file where the folder was')
  await t.rejects(pool.make(input('app')), { ...fault, details: { found: /^E/ } })
  pool.close()
  t.match(await busy, { message: 'the renderers are closed' })
})
