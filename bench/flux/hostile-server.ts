import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { JsonObject } from '../../common/json.ts'
import { bomb, endlessTemplates, oneEntry, writeManyEntries } from './hostile-archives.ts'

type Answer = (response: http.ServerResponse) => void

/** A malicious source: what it answers, and the expected status. */
interface HostileSource {
  readonly answer: Answer
  readonly digest: string
}

const wrongDigest = `sha256:${'0'.repeat(64)}`

/** Malicious sources by name. */
export class HostileServer {
  readonly #sources: ReadonlyMap<string, HostileSource>
  readonly #server: http.Server

  private constructor(sources: ReadonlyMap<string, HostileSource>) {
    this.#sources = sources
    this.#server = http.createServer(({ url = '' }, response) => {
      this.#sources.get(url.slice(1))?.answer(response)
    })
  }

  /** @param folder where the archive of a million entries is written */
  static async start(folder: string): Promise<HostileServer> {
    const server = new HostileServer(await hostileSources(folder))
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get names(): readonly string[] {
    return [...this.#sources.keys()]
  }

  /** `status.artifact` of a source. */
  artifact(name: string): JsonObject {
    const digest = this.#sources.get(name)?.digest ?? wrongDigest
    return {
      url: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${name}`,
      path: name,
      digest,
      revision: `latest@${digest}`,
      lastUpdateTime: '2026-01-01T00:00:00Z'
    }
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

async function hostileSources(folder: string): Promise<ReadonlyMap<string, HostileSource>> {
  const many = path.join(folder, 'many.tar.gz')
  await writeManyEntries(many)
  const fine = oneEntry('app/a.txt', '0')
  const archive = (bytes: Buffer) => ({
    answer: (response: http.ServerResponse) => response.end(bytes),
    digest: digestOf(bytes)
  })
  return new Map<string, HostileSource>([
    ['bomb-of-10-gib', archive(bomb())],
    [
      'million-entries',
      {
        answer: response => {
          response.writeHead(200, { 'content-length': statSync(many).size })
          createReadStream(many).pipe(response)
        },
        digest: digestOf(readFileSync(many))
      }
    ],
    ['symbolic-link', archive(oneEntry('app/link', '2'))],
    ['hard-link', archive(oneEntry('app/link', '1'))],
    ['device', archive(oneEntry('app/device', '3'))],
    ['path-outside', archive(oneEntry('../../outside', '0'))],
    ['wrong-digest', { ...archive(fine), digest: wrongDigest }],
    ['no-archive', archive(Buffer.from('this is no gzip'))],
    ['endless-templates', archive(endlessTemplates())],
    ['one-byte-a-second', { answer: drip, digest: wrongDigest }],
    ['says-nothing', { answer: () => undefined, digest: wrongDigest }],
    ['never-ends', { answer: flood, digest: wrongDigest }],
    ['ends-early', { answer: endsEarly(fine), digest: digestOf(fine) }],
    ['goes-on-longer', { answer: goesOnLonger(fine), digest: digestOf(fine) }]
  ])
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

const drip: Answer = response => {
  response.writeHead(200)
  const timer = setInterval(() => response.write('.'), 1_000)
  response.on('close', () => {
    clearInterval(timer)
  })
}

const flood: Answer = response => {
  response.writeHead(200)
  const more = () => {
    while (response.write(Buffer.alloc(65_536)));
  }
  response.on('drain', more)
  more()
}

const endsEarly =
  (bytes: Buffer): Answer =>
  response => {
    response.writeHead(200, { 'content-length': 10_000_000_000 })
    response.write(bytes, () => response.destroy())
  }

/** Announces a shorter body than it sends. */
const goesOnLonger =
  (bytes: Buffer): Answer =>
  response => {
    response.strictContentLength = false
    response.writeHead(200, { 'content-length': bytes.length - 1 })
    response.end(bytes)
  }
