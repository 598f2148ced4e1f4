import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import https from 'node:https'
import path from 'node:path'
import type { JsonObject } from '../../common/json.ts'
import { issueAuthority, issueLeaf } from '../../service/certificates/issue.ts'
import type { ReviewResponse } from '../../webhook/review/respond.ts'

const command = path.join(import.meta.dirname, '../mlgitops.js')
const hourMs = 3_600_000
const startTimeoutMs = 20_000

/** `mlgitops serve webhook` in a process of its own, on loopback. */
export interface WebhookProcess {
  readonly url: string
  /** Sends an AdmissionReview as the API server does. */
  review(review: JsonObject): Promise<ReviewResponse>
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>
}

/**
 * Starts the webhook with a certificate of its own authority.
 *
 * @param folder where certificate and key are written
 * @throws {Error} where it does not come up, with what it said
 */
export async function startWebhook(
  folder: string,
  options: { readonly policies: string; readonly keys: string }
): Promise<WebhookProcess> {
  const validity = { notBeforeMs: Date.now() - hourMs, notAfterMs: Date.now() + hourMs }
  const authority = await issueAuthority('mlgitops demo', validity)
  const leaf = await issueLeaf(authority, ['127.0.0.1'], validity)
  const [certificate, key] = [path.join(folder, 'tls.crt'), path.join(folder, 'tls.key')]
  writeFileSync(certificate, leaf.certificatePem)
  writeFileSync(key, leaf.keyPem, { mode: 0o600 })
  const listen = ['--listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0']
  const tls = ['--tls-cert', certificate, '--tls-key', key]
  const rest = ['--policies', options.policies, '--keys', options.keys, '--grace-seconds', '0']
  const child = spawn(process.execPath, [command, 'serve', 'webhook', ...listen, ...tls, ...rest], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const exited = once(child, 'exit') as Promise<[number | null]>
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const deadline = Date.now() + startTimeoutMs
  let url: string | undefined
  while (url === undefined) {
    url = /^listening on (https:.*)$/m.exec(said)?.[1]
    if (url !== undefined) break
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`the webhook did not start:\n${said}`)
    }
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  const [agent, target] = [
    new https.Agent({ keepAlive: true, ca: authority.certificatePem }),
    new URL('/validate?timeout=10s', url)
  ]
  return {
    url,
    review: review => post(target, agent, JSON.stringify(review)),
    stop: async () => {
      agent.destroy()
      child.kill('SIGTERM')
      const [code] = await exited
      return code
    }
  }
}

function post(target: URL, agent: https.Agent, body: string): Promise<ReviewResponse> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' }
    const request = https.request(target, { method: 'POST', agent, headers }, answer => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      answer.on('end', () => {
        if (answer.statusCode === 200) {
          resolve((JSON.parse(text) as { response: ReviewResponse }).response)
        } else reject(new Error(`${answer.statusCode ?? 'no'} answer: ${text}`))
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}
