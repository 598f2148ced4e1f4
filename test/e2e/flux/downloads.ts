import type { ServerResponse } from 'node:http'
import { serveOnLoopback } from '../rig/loopback-server.ts'
import type { Machine } from '../rig/machine.ts'

/** Stands between kustomize-controller and what it downloads from: it counts, and can be made to lie. */
export class Downloads {
  readonly url: string
  readonly #target: string
  #isTampering = false
  readonly #seen: string[] = []

  private constructor(url: string, target: string) {
    this.url = url
    this.#target = target
  }

  /** @param target where the artifacts really are */
  static async start(machine: Machine, target: string): Promise<Downloads> {
    const url = await serveOnLoopback(machine, (request, response) => {
      void downloads.#pass(request.url ?? '/', response)
    })
    const downloads = new Downloads(url, target)
    return downloads
  }

  /** The paths that were asked for, with what was answered, such as `200 /artifacts/<sha256>.tar.gz`. */
  get seen(): readonly string[] {
    return this.#seen
  }

  /** From now on one bit of every file is another one. */
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
