import { writeFileSync } from 'node:fs'
import https from 'node:https'
import path from 'node:path'
import type { JsonObject } from '../../common/json.ts'
import { issueAuthority, issueLeaf } from '../../service/certificates/issue.ts'
import type { ReviewResponse } from '../../webhook/review/respond.ts'
import type { ChildProcesses, ReadyProcess } from './child-processes.ts'

const command = path.join(import.meta.dirname, '../mlgitops.js')
const hourMs = 3_600_000

/** `mlgitops serve webhook` in a child process, on loopback. */
export interface WebhookProcess extends ReadyProcess {
  /** Sends an AdmissionReview as the API server does. */
  review(review: JsonObject): Promise<ReviewResponse>
}

/**
 * Starts the webhook with a certificate of its own CA.
 *
 * @param folder where certificate and key are written
 * @throws {Fault} when the webhook does not start, with its output
 */
export async function startWebhook(
  processes: ChildProcesses,
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
  const webhook = await processes.start({
    name: 'the admission webhook',
    args: [command, 'serve', 'webhook', ...listen, ...tls, ...rest]
  })
  const agent = new https.Agent({ keepAlive: true, ca: authority.certificatePem })
  const target = new URL('/validate?timeout=10s', webhook.url)
  return {
    url: webhook.url,
    review: review => post(target, agent, JSON.stringify(review)),
    stop: () => {
      agent.destroy()
      return webhook.stop()
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
        } else reject(new Error(`the webhook answered ${answer.statusCode ?? 'nothing'}: ${text}`))
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}
