import type { ServerResponse } from 'node:http'
import { serveOnLoopback } from '../rig/loopback-server.ts'
import type { Machine } from '../rig/machine.ts'

/** A proxy before the artifact server: records the downloads of kustomize-controller, and can tamper. */
export class Downloads {
  readonly url: string
  readonly #target: string
  #isTampering = false
  readonly #seen: string[] = []

  private constructor(url: string, target: string) {
    this.url = url
    this.#target = target
  }

  /** @param target the URL of the artifact server */
  static async start(machine: Machine, target: string): Promise<Downloads> {
    const url = await serveOnLoopback(machine, (request, response) => {
      void downloads.#pass(request.url ?? '/', response)
    })
    const downloads = new Downloads(url, target)
    return downloads
  }

  /** The downloads with the status of the answer, such as `200 /artifacts/<sha256>.tar.gz`. */
  get seen(): readonly string[] {
    return this.#seen
  }

  /** Starts or stops to flip one bit of every file. */
  tamper(isTampering: boolean): void {
    this.#isTampering = isTampering
  }

  async #pass(path: string, response: ServerResponse): Promise<void> {
    try {
      const answer = await fetch(`${this.#target}${path}`)
      const body = Buffer.from(await answer.arrayBuffer())
      const last = body.length - 1
      if (this.#isTampering && answer.ok) body[last] = (body[last] ?? 0) ^ 1
      this.#seen.push(`${answer.status} ${path}`)
      response.writeHead(answer.status, { 'Content-Length': body.length }).end(body)
    } catch {
      this.#seen.push(`--- ${path}`)
      response.destroy()
    }
  }
}
