import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { describeFault, Fault } from '../../../common/fault.ts'
import type { JsonObject } from '../../../common/json.ts'
import { originOf, readSourceArtifact } from '../../../plugin/flux/source/source-artifact.ts'
import { SourceCache } from '../../../plugin/flux/source/source-cache.ts'
import { eventually } from '../../eventually.ts'
import { archiveOf } from './hostile-archive.ts'

const work = mkdtempSync(path.join(tmpdir(), 'mlgitops-source-'))
t.teardown(() => {
  rmSync(work, { recursive: true })
})

const archive = archiveOf([{ name: 'a.yaml', content: 'a' }])
const digestOf = (bytes: Buffer, algorithm = 'sha256') =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
const requests: string[] = []
let release: () => void = () => undefined

/** Serves a source in the way that the path of the request names. */
const server = http.createServer((request, response) => {
  const url = request.url ?? ''
  requests.push(url)
  if (url === '/404') response.writeHead(404).end()
  else if (url === '/503') response.writeHead(503).end()
  else if (url === '/redirect') response.writeHead(302, { location: '/fine' }).end()
  else if (url === '/breaks') {
    response.writeHead(200, { 'content-length': '1000000' })
    response.write(archive)
    response.destroy()
  } else if (url === '/lies') {
    response.writeHead(200, { 'transfer-encoding': 'chunked' })
    const more = () => {
      while (response.write(Buffer.alloc(65_536)));
    }
    response.on('drain', more)
    more()
  } else if (url === '/slow') {
    response.writeHead(200)
    const timer = setInterval(() => response.write('.'), 10)
    response.on('close', () => {
      clearInterval(timer)
    })
  } else if (url === '/held') release = () => response.end(archive)
  else response.end(archive)
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
t.teardown(() => {
  server.closeAllConnections()
  server.close()
})
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const limits = {
  download: { maxBytes: 1_000_000, timeoutMs: 30_000 },
  unpack: { maxBytes: 1_000_000, maxEntries: 100 },
  maxDownloads: 8,
  maxIdle: 1,
  maxIdleBytes: 1_000_000,
  failureTtlMs: 0
}
const artifact = (name: string, digest = digestOf(archive)) => ({
  url: `${base}/${name}`,
  digest,
  revision: 'main@sha1:x'
})
const content = (folder: string) =>
  Promise.resolve(readFileSync(path.join(folder, 'a.yaml'), 'utf8'))

t.test('files that a killed process left behind are removed', async t => {
  const folder = path.join(work, 'killed')
  mkdirSync(path.join(folder, 'source-x/files'), { recursive: true })
  const cache = new SourceCache(folder, limits)
  await cache.use(artifact('fine'), content)
  t.equal(readdirSync(folder).length, 1)
  t.notOk(existsSync(path.join(folder, 'source-x')))
  await cache.close()
})

t.test('a source is downloaded once for all its users, and kept while it is in use', async t => {
  const cache = new SourceCache(path.join(work, 'cache'), limits)
  requests.length = 0
  const many = Array.from({ length: 100 }, () => cache.use(artifact('fine'), content))
  t.same(new Set(await Promise.all(many)), new Set(['a']))
  t.same(requests, ['/fine'])
  t.equal(await cache.use(artifact('fine', digestOf(archive, 'sha512')), content), 'a')
  t.equal(readdirSync(path.join(work, 'cache')).length, 1, 'one idle source is kept')
  await cache.use(artifact('fine'), content)
  t.equal(cache.downloads, 3, 'an evicted source is downloaded again')
  await cache.close()
  t.notOk(existsSync(path.join(work, 'cache')))
})

t.test('a broken or malicious source is refused in bounded time and memory', async t => {
  const cache = new SourceCache(path.join(work, 'bad'), limits)
  const quick = new SourceCache(path.join(work, 'quick'), {
    ...limits,
    download: { ...limits.download, timeoutMs: 200 }
  })
  const refused = async (given: ReturnType<typeof artifact>, from = cache) => {
    try {
      await from.use(given, content)
    } catch (error) {
      if (error instanceof Fault) return describeFault(error)
      throw error
    }
    return 'fine'
  }
  const wrong = `sha256:${'0'.repeat(64)}`
  t.match(
    await refused(artifact('fine', wrong)),
    `the file of the source does not match its digest [SOURCE_DIGEST]\n  expected: ${wrong}`
  )
  t.match(
    await refused(artifact('fine', 'sha1:abc')),
    'the digest algorithm of the source is not supported [SOURCE_DIGEST]\n  found:    "sha1"'
  )
  t.match(
    await refused(artifact('404')),
    'the file of the source does not exist (any more) [SOURCE_GONE]'
  )
  t.match(await refused(artifact('503')), '[SOURCE_UNREACHABLE]\n  found:    status 503')
  t.match(await refused(artifact('redirect')), 'status 302')
  t.match(await refused(artifact('breaks')), '[SOURCE_UNREACHABLE]\n  found:    ECONNRESET')
  t.match(
    await refused(artifact('lies')),
    'the file of the source is too large [SOURCE_TOO_LARGE]\n  expected: at most 1000000 bytes'
  )
  t.match(await refused(artifact('slow'), quick), 'not finished within 0.2 s')
  t.match(
    await refused({ ...artifact('x'), url: 'file:///etc/passwd' }),
    'the URL of the source is not an http(s) URL'
  )
  t.match(await refused({ ...artifact('x'), url: 'http://127.0.0.1:1/x' }), 'ECONNREFUSED')
  t.same(readdirSync(path.join(work, 'bad')), [], 'all files are removed')
  await Promise.all([cache.close(), quick.close()])
})

t.test('a slow server delays no other source, and close stops its download', async t => {
  const cache = new SourceCache(path.join(work, 'slow'), limits)
  const held = cache.use(artifact('held'), content)
  t.equal(await cache.use(artifact('fine'), content), 'a', 'the same digest from another URL')
  release()
  t.equal(await held, 'a')
  const before = requests.length
  const slow = cache.use(artifact('slow'), content)
  await eventually(() => requests.slice(before).includes('/slow'))
  const [ended] = await Promise.allSettled([slow, cache.close()])
  t.equal(ended.status, 'rejected')
})

t.test('the commit of a source is read from its revision or metadata', t => {
  const commit = 'a'.repeat(40)
  const git = (ref: JsonObject | undefined, revision: string): JsonObject => ({
    kind: 'GitRepository',
    spec: { url: 'https://u:p@git.example.com/x.git', ...(ref === undefined ? {} : { ref }) },
    status: { artifact: { url: 'http://x/', digest: 'sha256:x', revision } }
  })
  const origin = (source: JsonObject) => {
    const found = readSourceArtifact(source)
    return found === undefined ? undefined : originOf(source, found)
  }
  t.same(origin(git({ branch: 'main' }, `main@sha1:${commit}`)), {
    commit,
    revision: `main@sha1:${commit}`,
    targetRevision: 'main',
    repository: { url: 'https://git.example.com/x.git', cloneUrl: 'https://git.example.com/x.git' }
  })
  t.equal(origin(git(undefined, `sha1:${commit}`))?.targetRevision, 'master')
  const named = git({ name: 'refs/heads/main', branch: 'x' }, `refs/heads/main@sha1:${commit}`)
  t.equal(origin(named)?.targetRevision, 'refs/heads/main')
  t.equal(origin(git({}, 'main@sha1:short')), undefined)
  t.equal(origin({ kind: 'GitRepository', spec: {}, status: {} }), undefined)
  const bucket = (metadata: JsonObject, revision: string): JsonObject => ({
    kind: 'OCIRepository',
    status: { artifact: { url: 'http://x/', digest: 'sha256:x', revision, metadata } }
  })
  const digest = 'b'.repeat(64)
  t.same(
    origin(
      bucket(
        {
          'org.opencontainers.image.revision': `v1@sha1:${commit}`,
          'org.opencontainers.image.source': 'https://git.example.com/y'
        },
        `latest@sha256:${digest}`
      )
    ),
    {
      commit,
      revision: `v1@sha1:${commit}`,
      targetRevision: 'v1',
      repository: { url: 'https://git.example.com/y', cloneUrl: 'https://git.example.com/y' }
    },
    'the metadata of flux push'
  )
  t.same(origin(bucket({}, `sha256:${digest}`)), {
    commit: digest,
    revision: `sha256:${digest}`,
    targetRevision: 'HEAD',
    repository: undefined
  })
  t.end()
})
