import { spawn } from 'node:child_process'
import { once } from 'node:events'
import https from 'node:https'
import path from 'node:path'
import type { Test } from 'tap'
import type { JsonObject } from '../../common/json.ts'
import { issueAuthority, issueLeaf } from '../../service/certificates/issue.ts'
import { ask } from '../service/loopback.ts'
import type { Listener, Reply } from '../service/loopback.ts'

const source = path.join(import.meta.dirname, '../../bin/mlgitops.js')
const dayMs = 86_400_000
const nowMs = Date.now()
const validity = { notBeforeMs: nowMs - dayMs, notAfterMs: nowMs + 10 * dayMs }

/** The authority that clients trust here. */
export const authority = await issueAuthority('test', validity)

/** A certificate for the loopback, valid for this many days. */
export function leafFor(days = 1) {
  const notAfterMs = validity.notBeforeMs + (1 + days) * dayMs
  return issueLeaf(authority, ['127.0.0.1'], { ...validity, notAfterMs })
}

/** A policy that requires a label, in a file of a policies folder. */
export function demanding(label: string, name = `demand-${label}`): string {
  return JSON.stringify({
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'ModelPolicy',
    metadata: { name },
    spec: {
      validationActions: ['Deny'],
      matchConstraints: { roles: ['train'] },
      rules: [{ labels: { required: [{ key: label }] } }]
    }
  })
}

/** A training Job with these labels. */
export function jobWith(labels: JsonObject): JsonObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'train', namespace: 'ml', labels },
    spec: { template: { spec: { containers: [{ name: 'train', image: 'x' }] } } }
  }
}

/** An AdmissionReview as the API server sends it. */
export function reviewOf(object: JsonObject, more: JsonObject = {}): string {
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: 'a1b2',
      kind: { group: 'batch', version: 'v1', kind: 'Job' },
      resource: { group: 'batch', version: 'v1', resource: 'jobs' },
      requestKind: { group: 'batch', version: 'v1', kind: 'Job' },
      requestResource: { group: 'batch', version: 'v1', resource: 'jobs' },
      name: 'train',
      namespace: 'ml',
      operation: 'CREATE',
      userInfo: { username: 'jane', groups: ['system:authenticated'] },
      object,
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
      ...more
    }
  })
}

/** Sends a body to `/validate` over HTTPS. */
export function post(
  server: Listener,
  body: string | Buffer,
  more: { readonly path?: string; readonly type?: string; readonly agent?: https.Agent } = {}
): Promise<Reply> {
  const { path = '/validate', type = 'application/json', agent } = more
  const headers = { 'Content-Type': type }
  const sent = { method: 'POST', path, body, headers, ca: authority.certificatePem }
  return ask(server, { ...sent, ...(agent && { agent }) })
}

/** A request of which only a part was sent. */
export async function begin(server: Listener, body: Buffer, sentBytes: number, path = '/validate') {
  const request = https.request({
    ...server.address,
    path,
    method: 'POST',
    agent: false,
    ca: authority.certificatePem,
    headers: { 'Content-Type': 'application/json', 'Content-Length': body.length }
  })
  const reply = new Promise<Reply>((resolve, reject) => {
    request.on('error', reject)
    request.on('response', response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
      })
    })
  })
  reply.catch(() => undefined)
  await new Promise(resolve => request.write(body.subarray(0, sentBytes), resolve))
  return {
    reply,
    finish: () => {
      request.end(body.subarray(sentBytes))
    },
    cut: () => request.destroy()
  }
}

/** A running `mlgitops serve webhook`. */
export interface WebhookProcess {
  readonly server: Listener
  readonly metricsServer: Listener
  readonly stdout: () => string
  readonly stderr: () => string
  readonly pid: number
  signal(name: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void
  /** The exit code. */
  readonly exited: Promise<number | null>
}

/** Runs a command line of `mlgitops serve` to its end. */
export async function runServe(folder: string, args: readonly string[]) {
  const { child, text } = launch(folder, args)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...text }
}

/** Starts `mlgitops serve webhook`, or that of a bundle, in a folder that has `policies`, `tls.crt` and `tls.key`. */
export async function startWebhook(
  t: Test,
  folder: string,
  more: readonly string[] = [],
  main = source
): Promise<WebhookProcess> {
  const files = ['--policies', 'policies', '--tls-cert', 'tls.crt', '--tls-key', 'tls.key']
  return startWebhookWith(t, folder, [...files, ...more], main)
}

/** Starts `mlgitops serve webhook` with these options alone, on free ports and without a grace. */
export async function startWebhookWith(
  t: Test,
  folder: string,
  args: readonly string[],
  main = source
): Promise<WebhookProcess> {
  const listen = ['--listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0']
  const grace = args.includes('--grace-seconds') ? [] : ['--grace-seconds', '0']
  const { child, text } = launch(folder, ['webhook', ...listen, ...grace, ...args], main)
  const exited = once(child, 'close').then(([code]) => code as number | null)
  t.teardown(async () => {
    // A process that exits on its own writes its coverage.
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
    await exited
    clearTimeout(timer)
  })
  const ended = exited.then(() => Promise.reject(new Error(`it ended: ${text.stderr}`)))
  ended.catch(() => undefined)
  while (!/metrics on .*\n/.test(text.stdout)) {
    await Promise.race([once(child.stdout, 'data'), ended])
  }
  const addressOf = (name: string) => {
    const port = Number(
      new RegExp(`${name} on https?://127\\.0\\.0\\.1:(\\d+)\\n`).exec(text.stdout)?.[1]
    )
    return { address: { host: '127.0.0.1', port } }
  }
  return {
    // Of one that waits for its certificate it is known later.
    get server() {
      return addressOf('listening')
    },
    metricsServer: addressOf('metrics'),
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    pid: child.pid ?? 0,
    signal: name => child.kill(name),
    exited
  }
}

function launch(folder: string, args: readonly string[], main = source) {
  const child = spawn(process.execPath, [main, 'serve', ...args], { cwd: folder })
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()))
  return { child, text }
}

export { eventually } from '../eventually.ts'
