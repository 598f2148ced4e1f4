import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { exported, repositoryOf } from './digested.ts'
import { configMap, objects, render } from './repository.ts'

t.test('Where the history is too short, use of the model commit is an error', async t => {
  const use = async (text: string, more: Readonly<Record<string, string>> = {}) => {
    const repository = repositoryOf(t, { 'app/x.yaml': configMap(`v: "${text}"`), ...more })
    const clone = path.join(repository.folder, 'clone')
    const url = `file://${repository.folder}`
    repository.commit()
    execFileSync('git', ['clone', '--quiet', '--depth', '1', url, clone])
    const { stdout, stderr } = await render(clone, 'app')
    return stdout === '' ? stderr : (objects(stdout)[0]?.data as { readonly v: string }).v
  }
  const unknown = (where: string) =>
    `mlgitops: ${where}: the model commit is not known here [MODEL_COMMIT_UNKNOWN]\n` +
    '  found:    a shallow clone: an older commit could have the same content\n' +
    '  remedy:   Fetch the whole history (in CI: fetch-depth: 0), or use modelDigest, which needs none (mlgitops digest).\n'
  for (const text of [
    '{{ .Values.modelCommit }}',
    '{{ .Values.modelCommitShort8 }}',
    "{{ .Values.modelCommit | default 'x' }}",
    '{{ .Values.tag | default .Values.modelCommit }}',
    '{{#if .Values.modelCommitShort}}x{{/if}}'
  ]) {
    t.match(
      await use(text),
      /^mlgitops: app\/x\.yaml:6:\d+: the model commit is not known here/,
      text
    )
  }
  t.equal(await use('${MODEL_COMMIT_SHORT}'), unknown('app/x.yaml:6:7'))
  t.equal(await use('{{ .Values.modelCommit }}'), unknown('app/x.yaml:6:10'))
  t.equal(
    await use("{{ 'v1' | default .Values.modelCommit }}"),
    'v1',
    'a fallback that is not needed'
  )
  t.match(await use('{{ .Values.modelDigestShort }}'), /^[0-9a-f]{12}$/)
  t.match(await use('${MODEL_DIGEST} ${MODEL_DIGEST_SHORT}'), /^sha256:[0-9a-f]{64} [0-9a-f]{12}$/)
})

t.test(
  'A chart that names an unknown model commit is an error: Helm would print nothing',
  async t => {
    const repository = repositoryOf(t, {
      'app/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n',
      'app/templates/x.yaml': configMap('v: "{{ .Values.mlgitops.modelCommit }}"')
    })
    const copy = exported(t, repository)
    const revision = repository.git('rev-parse', 'HEAD')
    t.match(
      (await render(copy, 'app', '--revision', revision)).stderr,
      'mlgitops: app/templates/x.yaml:6:27: the model commit is not known here [MODEL_COMMIT_UNKNOWN]\n' +
        '  found:    files without Git history\n'
    )
  }
)

t.test('An audit that names only a commit needs the history', async t => {
  const repository = repositoryOf(t, { 'app/x.yaml': configMap('v: 1') })
  const revision = repository.git('rev-parse', 'HEAD')
  const audit = readFileSync('manifests/examples/mlops-repo/models/sentiment/bias_audit.md', 'utf8')
  const named = async (names: string) => {
    repository.write({ 'app/bias_audit.md': audit.replace(/^model(?:Commit|Digest): .*$/m, names) })
    repository.commit()
    return (await render(exported(t, repository), 'app', '--revision', revision)).stderr
  }
  t.match(
    await named(`modelCommit: ${revision}`),
    'mlgitops: app/bias_audit.md: the model commit is not known here [MODEL_COMMIT_UNKNOWN]'
  )
  const unsigned = 'mlgitops: not attested: no signing key (--key)\n'
  t.equal(await named(`modelDigest: sha256:${'0'.repeat(64)}`), unsigned)
  t.equal(await named(`modelCommit: ${revision}\nmodelDigest: sha256:${'0'.repeat(64)}`), unsigned)
})
