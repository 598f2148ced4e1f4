import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { render, TestRepository } from '../plugin/repository.ts'

const keys = t.testdir()
await run({ args: ['keygen', '--out-dir', keys], env: {}, folder: keys })

const plain = '# Bias audit\n\nWe compared approval rates by sex, and found no difference.\n'
const job = `apiVersion: batch/v1
kind: Job
metadata: { name: train, namespace: ml }
spec: { template: { spec: { containers: [{ name: train, image: host/trainer:1 }] } } }
`
const policy = (options: string) => `apiVersion: mlgitops.io/v1alpha1
kind: ModelPolicy
metadata: { name: audited }
spec:
  validationActions: [Deny]
  matchConstraints: { roles: [train] }
  rules: [{ biasAudit: ${options} }]
`

/** A repository of a training job beside an audit. */
function repositoryWith(audit: string): TestRepository {
  const repository = new TestRepository({
    'churn/job.yaml': job,
    'churn/bias_audit.md': audit,
    'present/p.yaml': policy('{ level: present }'),
    'valid/p.yaml': policy('{ level: valid }'),
    'default/p.yaml': policy('{}')
  })
  t.teardown(() => {
    repository.remove()
  })
  return repository
}

async function renderSigned({ folder }: TestRepository, ...more: readonly string[]) {
  const rendered = await render(folder, 'churn', '--key', path.join(keys, 'signing.key'), ...more)
  writeFileSync(path.join(folder, '.git/manifests.yaml'), rendered.stdout)
  return rendered
}

/** The messages of the violations of the last render. */
async function check({ folder }: TestRepository, policies: string): Promise<readonly string[]> {
  const trusted = ['--keys', path.join(keys, 'signing.pub'), '--output', 'json']
  const args = ['check', '.git/manifests.yaml', '--policies', policies, ...trusted]
  const { stdout } = await run({ args, env: {}, folder })
  const { results } = JSON.parse(stdout) as { readonly results: readonly { message: string }[] }
  return results.map(({ message }) => message)
}

const warning =
  'mlgitops: warning: churn/bias_audit.md: the bias audit is plain text and attested by its digest only: policies refuse it unless they ask for level present (docs/bias-audit.md)\n'

t.test('A plain text is attested by its digest, and enough for level present', async t => {
  const repository = repositoryWith(plain)
  const { stderr, exitCode } = await renderSigned(repository)
  t.same([stderr, exitCode], [warning, 0])
  t.same(await check(repository, 'present'), [])
  const commit = repository.git('rev-parse', 'HEAD')
  const refusal = [
    `the bias audit is plain text: it has no figures to judge; found churn/bias_audit.md at commit ${commit}; allowed: a valid bias audit (level: valid); fix: run mlgitops audit PREDICTIONS --path churn --out churn/bias_audit.md, and put the text below what it writes (docs/bias-audit.md); until then, the policy can ask for biasAudit: { level: present }`
  ]
  t.same(await check(repository, 'valid'), refusal)
  t.same(await check(repository, 'default'), refusal, 'valid is the default')
})

t.test('What the refusal says leads from the text to a valid audit', async t => {
  const repository = repositoryWith(plain)
  const { folder } = repository
  writeFileSync(path.join(folder, '.git/data.csv'), 'y,p,sex\n1,1,f\n0,0,m\n')
  const columns = ['--label', 'y', '--prediction', 'p', '--sensitive', 'sex', '--auditor', 'Lab']
  const file = 'churn/bias_audit.md'
  const args = ['audit', '.git/data.csv', '--path', 'churn', '--out', file, ...columns]
  t.equal((await run({ args, env: {}, folder })).exitCode, 0)
  const figures = readFileSync(path.join(folder, file), 'utf8')
  repository.write({ [file]: `${figures}\n${plain}` })
  repository.commit('Audit')
  t.same((await renderSigned(repository)).stderr, '')
  for (const policies of ['present', 'valid', 'default']) {
    t.same(await check(repository, policies), [], policies)
  }
})

t.test('Without a file, level present refuses', async t => {
  const repository = repositoryWith(plain)
  repository.git('rm', '--quiet', 'churn/bias_audit.md')
  const commit = repository.commit('No audit')
  t.equal((await renderSigned(repository)).stderr, '')
  t.same(await check(repository, 'present'), [
    `the model has no bias audit; found no bias_audit.md in churn at commit ${commit}; fix: create one with mlgitops audit and commit it next to the model`
  ])
  const unsigned = await render(repository.folder, 'churn')
  writeFileSync(path.join(repository.folder, '.git/manifests.yaml'), unsigned.stdout)
  t.match(await check(repository, 'present'), [
    /^no bias audit is verified: the object has no attestation/
  ])
})

t.test('Markdown of people is plain, whatever its front matter and rules', async t => {
  for (const text of [
    `---\ntitle: Bias audit\n---\n${plain}`,
    `${plain}\n---\n\nMore text.\n`,
    '---\n# Bias audit\n---\nNo difference.\n',
    `\uFEFF${plain}`,
    plain.replaceAll('\n', '\r\n')
  ]) {
    const repository = repositoryWith(text)
    t.equal((await renderSigned(repository)).stderr, warning, text)
    t.same(await check(repository, 'present'), [], text)
  }
})

t.test('A text that means to have figures, or says nothing, is an error of the render', async t => {
  const refused = async (text: string) => (await renderSigned(repositoryWith(text))).stderr
  t.match(
    await refused(`---\napiVersion: mlgitops.io/v1alpha1\nkind: BiasAudit\n${plain}`),
    /churn\/bias_audit\.md: the bias audit has no front matter \[BIAS_AUDIT_INVALID\]/
  )
  t.match(
    await refused(`---\nkind: BiasAudit\n---\n${plain}`),
    /churn\/bias_audit\.md: the bias audit does not match its schema:/
  )
  t.match(await refused(`Text\n---\n"kind": "BiasAudit"\n---\n`), /\[BIAS_AUDIT_INVALID\]/)
  for (const text of ['', ' \n\n', '---\n---\n', '#\n']) {
    t.equal(
      await refused(text),
      'mlgitops: churn/bias_audit.md: the bias audit is empty [BIAS_AUDIT_EMPTY]\n  remedy:   write the audit, or make one with mlgitops audit\n',
      JSON.stringify(text)
    )
  }
})

t.test('Level present has no other options', async t => {
  const repository = repositoryWith(plain)
  repository.write({
    'both/p.yaml': policy('{ level: present, maxAgeDays: 365, independent: true }')
  })
  await renderSigned(repository)
  const args = ['check', '.git/manifests.yaml', '--policies', 'both']
  const { stderr, exitCode } = await run({ args, env: {}, folder: repository.folder })
  t.equal(exitCode, 1)
  t.equal(
    stderr,
    'mlgitops: both/p.yaml:1: the policy cannot be used:\n  rule biasAudit: level present asks only for the file: remove maxAgeDays, independent, or ask for level valid [POLICY_INVALID]\n'
  )
})
