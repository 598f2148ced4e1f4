import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { generateKeyPair, readSigningKey } from '../../../evidence/attestation/key.ts'
import { artifactRoute } from '../../../plugin/flux/artifact/artifact-route.ts'
import { artifactFile, ArtifactStore } from '../../../plugin/flux/artifact/artifact-store.ts'
import { collectUnused } from '../../../plugin/flux/artifact/collect-unused.ts'
import { buildArtifact } from '../../../plugin/flux/artifact/artifact.ts'
import { renderRelease } from '../../../plugin/flux/release/render-release.ts'
import type { ModelRelease } from '../../../plugin/flux/release/model-release.ts'
import { run } from '../../../bin/run.ts'
import { startServer } from '../../../service/http/server.ts'
import { createLogger } from '../../../service/log.ts'
import { peersFolder } from '../../e2e/peers/peer.ts'
import { ask, listen } from '../../service/loopback.ts'
import { fastClock } from '../../service/kubernetes/served.ts'
import { TestRepository } from '../repository.ts'
import { until } from './flux-cluster.ts'

const work = mkdtempSync(path.join(tmpdir(), 'mlgitops-artifact-'))
t.teardown(() => {
  rmSync(work, { recursive: true })
})
const pem = generateKeyPair().privatePem
const key = readSigningKey(pem, 'key')
const release: ModelRelease = {
  sourceRef: { kind: 'GitRepository', name: 'x', namespace: 'ml' },
  path: './app',
  environment: 'staging',
  targetNamespace: 'ml',
  values: {},
  valuesFrom: [],
  keySecret: undefined,
  artifactName: 'iris',
  intervalMs: 60_000,
  isSuspended: false
}
const audit = readFileSync(
  'manifests/examples/mlops-repo/models/sentiment/bias_audit.md',
  'utf8'
).replace(/^modelDigest: .*$/m, `modelDigest: sha256:${'0'.repeat(64)}`)
const pod = (image: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: p.x\nspec:\n  containers:\n    - name: c\n      image: {{ .Values.host }}/${image}\n      args: ["\${OTHER}"]\n`
const repository = new TestRepository({
  'configs/base.yaml': 'host: registry.example.com\n',
  'configs/staging.yaml': '',
  'app/pod.yaml': pod('i:1'),
  'app/map.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\ndata: {a: "1"}\n'
})
t.teardown(() => {
  repository.remove()
})
const head = () => repository.git('rev-parse', 'HEAD')

/** The artifact of the repository's HEAD, rendered as from a source of Flux: without history. */
async function artifactOf(more: { readonly isSigned?: boolean; readonly path?: string } = {}) {
  const folder = mkdtempSync(path.join(work, 'source-'))
  execFileSync('sh', ['-c', `git archive HEAD | tar -x -C ${folder}`], { cwd: repository.folder })
  const address = 'https://git.example.com/acme/x.git'
  const commit = head()
  const rendered = await renderRelease({
    folder,
    name: 'iris',
    release: { ...release, path: more.path ?? release.path },
    origin: {
      commit,
      revision: `main@sha1:${commit}`,
      targetRevision: 'main',
      repository: { url: address, cloneUrl: address }
    },
    valueFiles: [],
    signing: more.isSigned === false ? undefined : { kind: 'key', key }
  })
  return buildArtifact('iris', rendered)
}

/** Manifests without what names the model commit: a source of Flux has no history. */
const unattested = (manifests: string) =>
  manifests.replace(/^ +mlgitops\.io\/(?:model-commit|attestation): .*\n/gm, '')

/** The files of an artifact, unpacked by tar. */
function filesOf(bytes: Buffer): { readonly folder: string; readonly manifests: string } {
  const folder = mkdtempSync(path.join(work, 'files-'))
  execFileSync('tar', ['-xz', '-C', folder], { input: bytes })
  return { folder, manifests: readFileSync(path.join(folder, 'manifests.yaml'), 'utf8') }
}

t.test('Flux and Argo CD get the same bytes for the same commit', async t => {
  writeFileSync(path.join(work, 'signing.key'), pem)
  const application = mkdtempSync(path.join(work, 'argocd-'))
  execFileSync('git', ['clone', '-q', repository.folder, application])
  const { stdout, stderr } = await run({
    args: ['render', '.', '--key', path.join(work, 'signing.key')],
    env: {
      ARGOCD_APP_REVISION: head(),
      ARGOCD_APP_SOURCE_PATH: 'app',
      ARGOCD_APP_SOURCE_REPO_URL: 'https://git.example.com/acme/x.git',
      ARGOCD_APP_SOURCE_TARGET_REVISION: 'main',
      ARGOCD_APP_NAME: 'iris',
      ARGOCD_APP_NAMESPACE: 'ml',
      ARGOCD_APP_PROJECT_NAME: 'default',
      ARGOCD_ENV_ENVIRONMENT: 'staging'
    },
    folder: path.join(application, 'app')
  })
  t.equal(stderr, '')
  const { manifests } = filesOf((await artifactOf()).bytes)
  t.equal(unattested(manifests), unattested(stdout), 'but for the model commit, which Flux lacks')
  t.match(manifests, 'mlgitops.io/attestation:')
})

t.test('evidence and keys change the revision, stamps do not', async t => {
  const first = await artifactOf()
  t.match(first.revision, /^iris@sha256:[0-9a-f]{64}$/)
  repository.write({ 'README.md': 'x' })
  repository.commit()
  const unrelated = await artifactOf()
  t.equal(unrelated.revision, first.revision)
  t.not(unrelated.digest, first.digest, 'the file names the newer commit')
  repository.write({ 'app/pod.yaml': pod('i:2') })
  repository.commit()
  const changed = await artifactOf()
  t.not(changed.revision, first.revision)
  repository.git('revert', '--no-edit', 'HEAD')
  t.equal((await artifactOf()).revision, first.revision, 'a revert gives the old revision back')
  repository.write({ 'app/bias_audit.md': audit })
  repository.commit()
  t.not((await artifactOf()).revision, first.revision, 'admission reads the audit')
  t.not((await artifactOf({ isSigned: false })).revision, first.revision)
  t.equal(
    (await artifactOf()).digest,
    (await artifactOf()).digest,
    'the same commit gives the same bytes'
  )
})

t.test('kustomize builds an artifact; an object with ${ opts out of substitution', async t => {
  const { bytes } = await artifactOf()
  const { folder } = filesOf(bytes)
  t.same(readdirSync(folder).sort(), ['kustomization.yaml', 'manifests.yaml'])
  t.equal(
    readFileSync(path.join(folder, 'kustomization.yaml'), 'utf8'),
    `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- manifests.yaml
patches:
- target:
    version: v1
    kind: Pod
    name: "p\\\\.x"
  patch: '[{"op":"add","path":"/metadata/annotations/kustomize.toolkit.fluxcd.io~1substitute","value":"disabled"}]'
`
  )
  const env = { PATH: `${process.env.PATH ?? ''}:${peersFolder(process.env)}`, HOME: work }
  const built = spawnSync('kustomize', ['build', folder], { env, encoding: 'utf8' })
  if (built.error !== undefined) t.comment('SKIPPED, 2 assertions: kustomize was not found')
  else {
    t.equal(built.stderr, '')
    t.equal(built.stdout.match(/substitute: disabled/g)?.length, 1)
  }
})

t.test('an empty render, or an object that Flux cannot apply, is a fault', async t => {
  repository.write({
    'nameless/pod.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {generateName: p-}\nspec: {}\n',
    'empty/mlgitops.yaml': 'apiVersion: mlgitops.io/v1alpha1\nkind: Project\n'
  })
  repository.commit()
  await t.rejects(artifactOf({ path: 'nameless' }), { code: 'FLUX_GENERATE_NAME' })
  await t.rejects(artifactOf({ path: 'empty' }), { code: 'OUTPUT_EMPTY' })
  await t.rejects(artifactOf({ path: 'absent' }), { code: 'PATH_NOT_FOUND' })
  await t.rejects(artifactOf({ path: '../x' }), { code: 'PATH_OUTSIDE' })
})

t.test('artifacts are served by name, if their bytes match it', async t => {
  let nowMs = 0
  const store = new ArtifactStore(path.join(work, 'store'), () => nowMs)
  const { bytes, digest } = await artifactOf()
  store.put({ bytes, digest })
  store.put({ bytes, digest })
  const missed: string[] = []
  const server = await startServer({
    listen,
    routes: [artifactRoute(store, file => missed.push(file))]
  })
  t.teardown(() => server.close(0))
  const file = artifactFile(digest)
  const got = await ask(server, { path: `/artifacts/${file}` })
  t.match([got.status, got.headers['content-type']], [200, 'application/gzip'])
  const absent = `${'0'.repeat(64)}.tar.gz`
  for (const name of ['', absent, `.${file}.new`, '..%2fstore', '..']) {
    t.equal((await ask(server, { path: `/artifacts/${name}` })).status, 404, name)
  }
  t.ok(missed.includes(absent))
  writeFileSync(path.join(work, 'store', file), 'tampered')
  t.equal(
    (await ask(server, { path: `/artifacts/${file}` })).status,
    404,
    'it does not match its name'
  )
  t.notOk(store.has(digest))
  store.put({ bytes, digest })
  store.collect([digest], 1_000)
  t.ok(store.has(digest))
  store.collect([], 1_000)
  nowMs = 999
  store.collect([], 1_000)
  t.ok(store.has(digest), 'it may be in a download')
  nowMs = 1_000
  store.collect([], 1_000)
  t.notOk(store.has(digest))
  t.comment('a folder that was removed is created again')
  rmSync(path.join(work, 'store'), { recursive: true })
  t.throws(
    () => {
      store.collect([], 1_000)
    },
    { code: 'ARTIFACT_STORAGE', details: { found: 'ENOENT' } }
  )
  store.put({ bytes, digest })
  t.ok(store.has(digest))
})

t.test('slow clients use bounded memory for a bounded time', async t => {
  const store = new ArtifactStore(path.join(work, 'sent'), () => 0)
  // More than the kernel buffers for a connection.
  const bytes = randomBytes(16 * 1024 * 1024)
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  store.put({ bytes, digest })
  // A busy machine also needs less than this time for the whole file.
  const limits = { maxBytes: 20 * 1024 * 1024, maxMs: 4_000 }
  const server = await startServer({
    listen,
    routes: [artifactRoute(store, () => undefined, limits)]
  })
  t.teardown(() => server.close(0))
  const get = `GET /artifacts/${artifactFile(digest)} HTTP/1.1\r\nHost: x\r\n\r\n`
  const slow = Array.from({ length: 4 }, () => connect(server.address.port, '127.0.0.1'))
  const first = await Promise.all(
    slow.map(async socket => {
      socket.on('error', () => undefined)
      socket.write(get)
      await once(socket, 'readable')
      return String(socket.read(12))
    })
  )
  t.same(first.sort(), ['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 503', 'HTTP/1.1 503'])
  const file = { path: `/artifacts/${artifactFile(digest)}` }
  t.match(await ask(server, file), {
    status: 503,
    headers: { 'retry-after': '1' },
    body: 'too many artifacts are being sent; retry later\n'
  })
  await until(async () => (await ask(server, file)).status === 200)
  // A finished answer frees its memory.
  await until(async () => (await ask(server, file)).status === 200)
  for (const socket of slow) socket.destroy()
})

t.test('an error of the disk is logged, and collecting continues', async t => {
  const folder = path.join(work, 'failing')
  const store = new ArtifactStore(folder, () => performance.now() * 1_000_000)
  rmSync(folder, { recursive: true })
  const lines: string[] = []
  const logger = createLogger({ level: 'warn', write: line => lines.push(line), now: () => 0 })
  const stop = collectUnused(store, { clock: fastClock, logger }, () => [])
  t.teardown(stop)
  await until(() => lines.length > 0)
  t.match(JSON.parse(lines[0] ?? '') as unknown, {
    message: 'cannot remove unused artifacts',
    code: 'ARTIFACT_STORAGE',
    reason: 'cannot clean up the artifact folder'
  })
  mkdirSync(path.join(folder, 'an unknown folder'), { recursive: true })
  await until(() => readdirSync(folder).length === 0)
})
