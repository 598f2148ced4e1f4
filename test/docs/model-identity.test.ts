import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { DemoRepository, digestOf } from '../../bin/demo/repository.ts'

const page = readFileSync('docs/model-identity.md', 'utf8')
const work = t.testdir()
const repository = new DemoRepository(path.join(work, 'mlops-repo'))
const first = repository.commit('the example')

/** The program `npx`, as far as the page calls it. */
const tools = path.join(work, 'tools')
mkdirSync(tools)
writeFileSync(
  path.join(tools, 'npx'),
  `#!/bin/sh\nshift\nexec '${process.execPath}' '${path.resolve('bin/mlgitops.js')}' "$@"\n`
)
chmodSync(path.join(tools, 'npx'), 0o755)

/** Runs the commands of a section in the work tree of the example. @returns what they print */
function runSection(heading: string): string {
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  const blocks = [...(section.split('\n## ')[0] ?? '').matchAll(/^```sh\n([^]*?)^```$/gm)]
  t.ok(blocks.length > 0, heading)
  const script = blocks.map(([, block = '']) => block).join('')
  const name = { GIT_AUTHOR_NAME: 'T', GIT_COMMITTER_NAME: 'T' }
  const email = { GIT_AUTHOR_EMAIL: 't@example.com', GIT_COMMITTER_EMAIL: 't@example.com' }
  const env = { PATH: `${tools}:${process.env.PATH ?? ''}`, HOME: work, ...name, ...email }
  const options = { cwd: repository.folder, env, encoding: 'utf8' } as const
  const { status, stdout, stderr } = spawnSync('sh', ['-e', '-c', script], options)
  t.equal(status, 0, stderr)
  return stdout
}

t.test('the commands of docs/model-identity.md do what it says', async t => {
  const [churn, sentiment] = ['models/churn-prediction', 'models/sentiment']
  const before = await digestOf(repository.folder, churn)
  writeFileSync(path.join(repository.folder, '.git/info/exclude'), 'predictions.csv\n')
  writeFileSync(
    path.join(repository.folder, 'predictions.csv'),
    'age_band,label,prediction\nunder-30,1,1\nunder-30,0,0\nover-55,1,1\nover-55,0,0\n'
  )
  const changed = runSection('Another model')
  const after = await digestOf(repository.folder, churn)
  t.not(after, before)
  t.match(changed, `modelCommit  ${repository.head()}:`)
  t.match(changed, 'bias audit: bias_audit.md holds\n')
  const reverted = runSection('Back to an earlier model')
  t.equal(await digestOf(repository.folder, churn), before)
  t.match(reverted, `modelCommit  ${first}:`)
  t.match(reverted, 'bias audit: bias_audit.md holds\n')
  const built = repository.head()
  const tag = (await digestOf(repository.folder, sentiment)).slice('sha256:'.length, 19)
  const deployed = runSection('An image that CI builds')
  t.match(deployed, `modelCommit  ${first}:`)
  const [, quoted = ''] = /\(`(pinned by [^`]+)`/.exec(page) ?? []
  t.match(deployed, `registry.example.com/ml/sentiment:${built}, ${quoted}\n`)
  t.match(deployed, 'bias audit: bias_audit.md holds\n')
  t.ok(deployed.endsWith(`\n${tag}\n`), deployed)
})

t.test('every sentence about the example is about files that it has', t => {
  const example = 'manifests/examples/mlops-repo'
  const job = readFileSync(`${example}/models/churn-prediction/training-job.yaml`, 'utf8')
  const kept = [...page.matchAll(/`([\w./-]+: (?:Prune=false|disabled))`/g)].map(([, text]) => text)
  t.equal(kept.length, 2)
  for (const text of kept) t.match(job, `    ${text ?? ''}\n`)
  t.end()
})
