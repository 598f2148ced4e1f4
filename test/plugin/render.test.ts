import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import type { JsonObject } from '../../common/json.ts'
import { member, stringMember } from '../../common/json.ts'
import {
  inTotoPayloadType,
  parseEnvelope,
  verifyEnvelope
} from '../../evidence/attestation/dsse.ts'
import { readTrustedKey } from '../../evidence/attestation/key.ts'
import { decodeRendered } from '../../evidence/binding/rendered-object.ts'
import { decodeStatement } from '../../evidence/attestation/decode-statement.ts'
import { annotationsOf, configMap, objects, render, TestRepository } from './repository.ts'

const pod = (name: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\nspec:\n  containers:\n    - name: c\n      image: host/i:{{ .Values.gitCommit }}\n`

t.test('objects are stamped, and attested if they run something', async t => {
  const repository = new TestRepository({
    'app/pod.yaml': pod('p'),
    'app/map.yaml': configMap('v: ${GIT_COMMIT_SHORT}')
  })
  t.teardown(() => {
    repository.remove()
  })
  repository.git('config', 'remote.origin.url', 'https://user:secret@git.example.com/acme/x.git')
  const commit = repository.git('rev-parse', 'HEAD')
  const keygen = await run({
    args: ['keygen', '--out-dir', '../keys'],
    env: {},
    folder: path.join(repository.folder)
  })
  t.teardown(() => {
    rmSync(path.join(repository.folder, '../keys'), { recursive: true, force: true })
  })
  t.match(keygen.stdout, /^[0-9a-f]{64}\n$/)
  const keys = path.join(repository.folder, '../keys')
  t.equal(statSync(path.join(keys, 'signing.key')).mode & 0o777, 0o600)
  t.match(
    (await run({ args: ['keygen', '--out-dir', '../keys'], env: {}, folder: repository.folder }))
      .stderr,
    /signing\.key: the file already exists \[KEY_EXISTS\]/
  )
  const { stdout, stderr, exitCode } = await render(
    repository.folder,
    'app',
    '--key',
    '../keys/signing.key',
    '--namespace',
    'ml'
  )
  t.equal(stderr, '')
  t.equal(exitCode, 0)
  const ending = ['keygen', '--out-dir', '../keys/next', '--not-after']
  const next = (time: string) =>
    run({ args: [...ending, time], env: {}, folder: repository.folder })
  t.match(
    (await next('2027-01-31')).stderr,
    /--not-after is "2027-01-31", expected a time such as 2027-01-31T00:00:00Z/
  )
  t.equal((await next('2027-01-31T00:00:00Z')).exitCode, 0)
  t.match(
    readFileSync(path.join(keys, 'next/signing.pub'), 'utf8'),
    /^Not-After: 2027-01-31T00:00:00Z\n-----BEGIN PUBLIC KEY-----\n/
  )
  const [map, running] = objects(stdout)
  const digest = (
    await run({ args: ['digest', 'app'], env: {}, folder: repository.folder })
  ).stdout.trim()
  const stamps = {
    'mlgitops.io/git-commit': commit,
    'mlgitops.io/git-repo': 'https://git.example.com/acme/x.git',
    'mlgitops.io/model-commit': commit,
    'mlgitops.io/model-digest': digest
  }
  t.same(annotationsOf(map), stamps, 'a ConfigMap runs nothing')
  const { 'mlgitops.io/attestation': attestation = '', ...rest } = annotationsOf(running)
  t.same(rest, stamps)
  const trusted = readTrustedKey(readFileSync(path.join(keys, 'signing.pub'), 'utf8'), 'k')
  const verified = verifyEnvelope(parseEnvelope(attestation), inTotoPayloadType, [trusted])
  t.equal(verified.kind, 'verified')
  if (verified.kind !== 'verified') return
  t.equal(`${verified.keyId}\n`, keygen.stdout)
  const { rendered, ...facts } = decodeStatement(verified.payload).facts
  const { metadata, ...members } = running ?? {}
  t.equal(typeof metadata, 'object')
  t.same(rendered === undefined ? undefined : decodeRendered(rendered).object, members)
  t.same(facts, {
    object: { group: '', kind: 'Pod', namespace: 'ml', name: 'p' },
    source: {
      repository: 'https://git.example.com/acme/x.git',
      commit,
      modelCommit: commit,
      modelDigest: digest,
      model: 'app',
      path: 'app',
      targetRevision: 'HEAD',
      committedAt: '2026-11-02T09:00:00Z'
    },
    images: [`host/i:${commit}`],
    models: [],
    pins: [{ tag: commit, commit, isAncestor: true, sameSources: true }],
    opaque: [],
    evidence: []
  })
  const unsigned = await render(repository.folder, 'app', '--output', 'json')
  t.equal(unsigned.stderr, 'mlgitops: not attested: no signing key (--key)\n')
  t.equal(stringMember(JSON.parse(unsigned.stdout) as JsonObject, 'kind'), 'List')
})

t.test(
  'the same commit gives the same bytes in another folder; modelCommit ignores evidence and neighbours',
  async t => {
    const repository = new TestRepository({
      'models/a/x.yaml': configMap('v: ${MODEL_COMMIT}'),
      'models/b/y.yaml': configMap('v: 1')
    })
    t.teardown(() => {
      repository.remove()
    })
    const first = repository.git('rev-parse', 'HEAD')
    repository.write({ 'models/b/y.yaml': configMap('v: 2') })
    repository.commit()
    repository.write({
      'models/a/bias_audit.md': readFileSync(
        'manifests/examples/mlops-repo/models/sentiment/bias_audit.md',
        'utf8'
      ).replace(/^modelDigest: .*$/m, `modelCommit: "${first}"`)
    })
    repository.commit()
    const copy = mkdtempSync(path.join(tmpdir(), 'mlgitops-copy-'))
    t.teardown(() => {
      rmSync(copy, { recursive: true })
    })
    cpSync(repository.folder, copy, { recursive: true })
    const [one, two] = [
      await render(repository.folder, 'models/a'),
      await render(path.join(copy, 'models/a'))
    ]
    t.equal(one.stdout, two.stdout)
    t.equal(member(member(objects(one.stdout)[0], 'data'), 'v'), first)
    repository.write({ 'models/a/x.yaml': configMap('v: ${MODEL_COMMIT} changed') })
    const changed = repository.commit()
    t.equal(
      annotationsOf(objects((await render(repository.folder, 'models/a')).stdout)[0])[
        'mlgitops.io/model-commit'
      ],
      changed
    )
    repository.git(
      'clone',
      '--quiet',
      '--depth',
      '1',
      `file://${repository.folder}`,
      path.join(copy, 'shallow')
    )
    const shallow = await render(path.join(copy, 'shallow'), 'models/b')
    const { 'mlgitops.io/model-commit': unknown, 'mlgitops.io/model-digest': digest } =
      annotationsOf(objects(shallow.stdout)[0])
    t.equal(unknown, undefined, 'a shallow clone does not know it')
    t.equal(
      digest,
      annotationsOf(objects((await render(repository.folder, 'models/b')).stdout)[0])[
        'mlgitops.io/model-digest'
      ]
    )
  }
)

t.test('manifests of a dirty work tree are marked and not attested', async t => {
  const repository = new TestRepository({
    'app/pod.yaml': pod('p'),
    '.gitignore': 'app/ignored.yaml\n'
  })
  t.teardown(() => {
    repository.remove()
  })
  await run({
    args: ['keygen', '--out-dir', 'k'],
    env: {},
    folder: path.join(repository.folder, '..')
  })
  t.teardown(() => {
    rmSync(path.join(repository.folder, '../k'), { recursive: true, force: true })
  })
  t.notOk(
    annotationsOf(objects((await render(repository.folder, 'app')).stdout)[0])[
      'mlgitops.io/git-dirty'
    ]
  )
  repository.write({ 'app/ignored.yaml': configMap('v: 1') })
  const { stdout, stderr } = await render(repository.folder, 'app', '--key', '../k/signing.key')
  t.equal(
    stderr,
    'mlgitops: warning: the work tree differs from its commit in app/ignored.yaml: stamped mlgitops.io/git-dirty, not attested\n'
  )
  for (const object of objects(stdout)) {
    t.equal(annotationsOf(object)['mlgitops.io/git-dirty'], 'true')
    t.equal(annotationsOf(object)['mlgitops.io/attestation'], undefined)
  }
})

t.test('outside a work tree the caller names the commit', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-export-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true })
  })
  mkdirSync(path.join(folder, 'configs'))
  mkdirSync(path.join(folder, 'a'))
  writeFileSync(path.join(folder, 'configs/staging.yaml'), 'v: s\n')
  writeFileSync(
    path.join(folder, 'a/x.yaml'),
    configMap('v: "{{ .Values.v }} {{ .Values.repoURL }} {{ .Values.appName }}"')
  )
  const commit = 'b'.repeat(40)
  const args = ['--environment', 'staging', '--repo-url', 'git@host:acme/x.git']
  t.match((await render(folder, 'a', ...args)).stderr, /not a Git work tree \[REVISION_MISSING\]/)
  t.match(
    (await render(folder, 'a', ...args, '--revision', 'main')).stderr,
    /--revision: not a full commit ID \[REVISION_INVALID\]/
  )
  const [object] = objects(
    (await render(tmpdir(), path.join(folder, 'a'), ...args, '--revision', commit)).stdout
  )
  t.same(member(object, 'data'), { v: 's git@host:acme/x.git a' })
  t.equal(annotationsOf(object)['mlgitops.io/git-repo'], 'host:acme/x.git')
  const repository = new TestRepository({ 'x.yaml': configMap('v: 1') })
  t.teardown(() => {
    repository.remove()
  })
  t.match(
    (await render(repository.folder, '.', '--revision', commit)).stderr,
    /--revision is not the checked-out commit \[REVISION_NOT_HEAD\]/
  )
  t.equal(
    (await render(repository.folder, '.', '--revision', repository.git('rev-parse', 'HEAD')))
      .exitCode,
    0
  )
  t.match(
    (await render(repository.folder, 'nope')).stderr,
    /nope: the folder does not exist \[PATH_NOT_FOUND\]/
  )
})
