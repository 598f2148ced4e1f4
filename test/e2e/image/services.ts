import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import path from 'node:path'
import type { JsonObject } from '../../../common/json.ts'
import { issueAuthority, issueLeaf } from '../../../service/certificates/issue.ts'
import {
  batched,
  counts,
  hook,
  json,
  objectives,
  post,
  prediction
} from '../../analysis/analysis-requests.ts'
import { reviewOf } from '../../webhook/reviews.ts'
import type { Machine } from '../rig/machine.ts'
import type { Points } from '../rig/points.ts'
import type { Program } from '../rig/program.ts'
import type { Container } from './container.ts'
import { giveAway, ownedFolder } from './owned-folder.ts'
import { processesBelow } from './processes.ts'

const hourMs = 3_600_000
const loopback = ['--listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0']

/** Tests the webhook and the analysis in the image. */
export async function proveServices(
  container: Container,
  machine: Machine,
  points: Points
): Promise<void> {
  await points.check('the webhook judges objects, with CEL in evaluator processes', () =>
    proveWebhook(container, machine)
  )
  await points.check('the analysis counts events, and its store survives a SIGKILL', () =>
    proveAnalysis(container, machine)
  )
}

const policy: JsonObject = {
  apiVersion: 'mlgitops.io/v1alpha1',
  kind: 'ModelPolicy',
  metadata: { name: 'few' },
  spec: {
    validationActions: ['Deny'],
    rules: [{ cel: { validations: [{ expression: 'object.spec.parallelism <= 3' }] } }]
  }
}

function job(parallelism: number): JsonObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'train', namespace: 'ml' },
    spec: { parallelism, template: { spec: { containers: [] } } }
  }
}

async function proveWebhook(container: Container, machine: Machine): Promise<void> {
  const validity = { notBeforeMs: Date.now() - hourMs, notAfterMs: Date.now() + hourMs }
  const authority = await issueAuthority('e2e image', validity)
  const leaf = await issueLeaf(authority, ['127.0.0.1'], validity)
  const folder = ownedFolder(machine, 'webhook')
  writeFileSync(path.join(folder, 'tls.crt'), leaf.certificatePem)
  writeFileSync(path.join(folder, 'tls.key'), leaf.keyPem, { mode: 0o600 })
  writeFileSync(
    path.join(ownedFolder(machine, 'webhook/policies'), 'few.json'),
    JSON.stringify(policy)
  )
  giveAway(folder)
  const program = container.start(machine, {
    name: 'webhook',
    args: [
      ...['mlgitops', 'serve', 'webhook', ...loopback, '--grace-seconds', '0'],
      ...['--policies', '/config/policies'],
      ...['--tls-cert', '/config/tls.crt', '--tls-key', '/config/tls.key']
    ],
    volumes: { '/config': folder }
  })
  const url = await program.line(/^listening on (https:\S+)$/m)
  const agent = new Agent({ keepAlive: true, ca: authority.certificatePem })
  try {
    assert.equal(await allowed(url, agent, job(3)), true)
    assert.equal(await allowed(url, agent, job(4)), false)
    proveUser(program, ['tini', 'serve webhook', 'cel-evaluator', 'cel-evaluator'])
  } finally {
    agent.destroy()
  }
  program.signal('SIGTERM')
  assert.equal(await program.exited, 0)
}

async function allowed(url: string, agent: Agent, object: JsonObject): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const headers = { 'Content-Type': 'application/json' }
  const sent = request(
    `${url}/validate?timeout=10s`,
    { method: 'POST', agent, headers },
    answer => {
      let text = ''
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
      answer.on('end', () => {
        resolve(text)
      })
    }
  )
  sent.on('error', reject)
  sent.end(JSON.stringify(reviewOf(object)))
  const { response } = JSON.parse(await promise) as { readonly response: { allowed: boolean } }
  return response.allowed
}

async function proveAnalysis(container: Container, machine: Machine): Promise<void> {
  const state = ownedFolder(machine, 'state')
  const start = () =>
    container.start(machine, {
      name: 'analysis',
      args: [
        ...['mlgitops', 'serve', 'analysis', ...loopback, '--grace-seconds', '0'],
        ...['--state', '/var/lib/mlgitops/analysis.sqlite']
      ],
      volumes: { '/var/lib/mlgitops': state }
    })
  const first = start()
  const url = await first.line(/^listening on (http:\S+)$/m)
  assert.equal((await post(`${url}/webhook/pre-rollout`, hook(objectives), json)).status, 200)
  const events = Array.from({ length: 40 }, (_, index) => prediction(`p${index}`))
  assert.equal((await post(`${url}/v1/events`, JSON.stringify(events), batched)).status, 200)
  assert.match(await counts(url), /latency\.p99 0\/40/)
  proveUser(first, ['tini', 'serve analysis'])
  first.signal('SIGKILL')
  await first.exited
  const second = start()
  assert.match(await counts(await second.line(/^listening on (http:\S+)$/m)), /latency\.p99 0\/40/)
  second.signal('SIGTERM')
  assert.equal(await second.exited, 0)
}

/** Asserts that every process runs as the image's user, without capabilities. */
function proveUser(program: Program, parts: readonly string[]): void {
  const all = processesBelow(program.pid)
  assert.deepEqual(
    all.map(({ command }) => parts.find(part => command.includes(part))),
    parts
  )
  for (const { command, user, capabilities, canGainPrivileges } of all) {
    assert.deepEqual(
      [user, Number(`0x${capabilities}`), canGainPrivileges],
      [999, 0, false],
      command
    )
  }
}
