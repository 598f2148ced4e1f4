import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { render, TestRepository } from '../plugin/repository.ts'

const keys = t.testdir()
await run({ args: ['keygen', '--out-dir', keys], env: {}, folder: keys })

const repository = new TestRepository({
  'churn/job.yaml': `apiVersion: batch/v1
kind: Job
metadata: { name: train }
spec: { template: { spec: { containers: [{ name: train, image: host/trainer:1 }] } } }
`,
  'policies/p.yaml': `apiVersion: mlgitops.io/v1alpha1
kind: ModelPolicy
metadata: { name: signed }
spec: { validationActions: [Deny], rules: [{ provenance: {} }] }
`
})
t.teardown(() => {
  repository.remove()
})

/** The report of a check on a signed render. */
async function checked(...more: readonly string[]): Promise<string> {
  const { folder } = repository
  const key = ['--key', path.join(keys, 'signing.key')]
  const { stdout } = await render(folder, 'churn', ...key, ...more)
  writeFileSync(path.join(folder, '.git/m.yaml'), stdout)
  const trusted = ['--keys', path.join(keys, 'signing.pub')]
  const args = ['check', '.git/m.yaml', '--policies', 'policies', ...trusted]
  return (await run({ args, env: {}, folder })).stdout
}

t.test('A render without a destination is refused before the webhook refuses it', async t => {
  t.match(await checked('--namespace', 'ml'), /1 checked, 0 denied/)
  t.match(
    await checked(),
    `  Deny signed (provenance): the attestation was made for another object
    field:   metadata.annotations[mlgitops.io/attestation]
    found:   batch/Job/train
    allowed: batch/Job/NAMESPACE/train
    fix:     render with the destination namespace (--namespace), or write it into the manifest
`
  )
})
