import { Agent, request } from 'node:http'

/** Posts over one kept connection; the milliseconds from the call to the whole answer. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  /** @throws {Error} where the answer is an error */
  async post(path: string, contentType: string, body: string | Buffer): Promise<number> {
    const startedMs = performance.now()
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) }
      const sent = request(`${this.#url}${path}`, { method: 'POST', agent: this.#agent, headers })
      sent.on('response', answer => {
        answer.resume()
        answer.on('end', () => {
          resolve(answer.statusCode ?? 0)
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
    if (status >= 500 || status === 400) throw new Error(`${path} was answered ${status}`)
    return performance.now() - startedMs
  }

  stop(): void {
    this.#agent.destroy()
  }
}
