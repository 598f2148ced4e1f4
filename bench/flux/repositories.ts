import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { JsonObject } from '../../common/json.ts'
import { writeArchive } from '../../plugin/flux/artifact/write-archive.ts'

const example = path.join(import.meta.dirname, '../../manifests/examples/mlops-repo')

/** Repositories with the files of the example, as source-controller serves them. */
export class Repositories {
  readonly #archives = new Map<string, Buffer>()
  readonly #server: http.Server
  /** Requested paths. */
  readonly downloads: string[] = []

  private constructor() {
    this.#server = http.createServer(({ url = '' }, response) => {
      this.downloads.push(url)
      const bytes = this.#archives.get(url)
      if (bytes === undefined) response.writeHead(404).end()
      else response.end(bytes)
    })
  }

  static async start(): Promise<Repositories> {
    const repositories = new Repositories()
    repositories.#server.listen(0, '127.0.0.1')
    await once(repositories.#server, 'listening')
    return repositories
  }

  /** Commits a text to a repository. @returns the `status.artifact` of its GitRepository */
  commit(name: string, text: string): JsonObject & { readonly revision: string } {
    const bytes = writeArchive(new Map([...exampleFiles(), ['NOTES.md', Buffer.from(text)]]))
    const commit = createHash('sha1').update(bytes).digest('hex')
    const file = `/gitrepository/ml/${name}/${commit}.tar.gz`
    this.#archives.set(file, bytes)
    return {
      url: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${file}`,
      path: file.slice(1),
      digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      revision: `main@sha1:${commit}`,
      size: bytes.length,
      lastUpdateTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z')
    }
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

function exampleFiles(): readonly (readonly [string, Buffer])[] {
  return readdirSync(example, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => {
      const file = path.join(entry.parentPath, entry.name)
      return [path.relative(example, file), readFileSync(file)] as const
    })
}
