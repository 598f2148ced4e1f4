import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { DemoRepository, digestOf, models } from '../../bin/demo/repository.ts'
import { run } from '../../bin/run.ts'
import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'

const example = 'manifests/examples/mlops-repo'
const workflows = `${example}/.github/workflows`
const environments = ['staging', 'production']
const work = t.testdir()
const repository = new DemoRepository(path.join(work, 'mlops-repo'))
const first = repository.commit('the example')
for (const application of models) {
  const audit = repository.readAudit(application)
  const date = new Date().toISOString().slice(0, 10)
  repository.writeAudit(application, audit && { ...audit, date })
}
const built = repository.commit('the audits, of today')
cpSync('manifests/policies', path.join(repository.folder, 'policies'), { recursive: true })
/** The program `mlgitops` of the workflows' container. */
const tools = path.join(work, 'tools')
mkdirSync(tools)
writeFileSync(
  path.join(tools, 'mlgitops'),
  `#!/bin/sh\nexec '${process.execPath}' '${path.resolve('bin/mlgitops.js')}' "$@"\n`
)
chmodSync(path.join(tools, 'mlgitops'), 0o755)

interface Job {
  readonly name: string
  readonly steps: readonly JsonObject[]
}

function jobsOf(file: string): readonly Job[] {
  const [document] = readYaml(readFileSync(path.join(workflows, file), 'utf8'), { file })
  const jobs = member(document?.value, 'jobs')
  if (!isJsonObject(jobs)) throw new Error(`${file} has no jobs`)
  return Object.entries(jobs).map(([name, job]) => ({ name, steps: objectsIn(member(job, 'steps')) }))
}

function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return isJsonArray(value) ? value.filter(isJsonObject) : []
}

/** Runs the script of a step as a runner does, in the work tree. */
function runStep(
  step: JsonObject | undefined,
  matrix: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, string>> = {}
) {
  const script = (stringMember(step, 'run') ?? '').replaceAll(
    /\$\{\{ matrix\.(\w+) \}\}/g,
    (_, name: string) => matrix[name] ?? ''
  )
  const own = script.replaceAll('/tmp/', `${work}/`)
  const env = { PATH: `${tools}:${process.env.PATH ?? ''}`, HOME: work, ...more }
  const { status, stdout, stderr } = spawnSync('sh', ['-e', '-c', own], {
    cwd: repository.folder,
    env,
    encoding: 'utf8'
  })
  return { status, stdout, stderr }
}

/** What `mlgitops explain` says about the example, with the ready-made policies. */
async function explain(...args: readonly string[]): Promise<JsonObject> {
  const more = ['--policies', 'policies', '--output', 'json']
  const all = ['explain', ...args, ...more]
  const { stdout, stderr } = await run({ args: all, env: {}, folder: repository.folder })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as JsonObject
}

t.test('every workflow fetches the whole history', t => {
  const files = globSync('*.yml', { cwd: workflows }).sort()
  t.same(files, ['audit.yml', 'check.yml', 'release.yml'])
  for (const file of files) {
    for (const { name, steps } of jobsOf(file)) {
      const [checkout] = steps
      t.match(stringMember(checkout, 'uses'), /^actions\/checkout@/, `${file} ${name}`)
      t.equal(member(member(checkout, 'with'), 'fetch-depth'), 0, `${file} ${name}`)
    }
  }
  t.end()
})

t.test('the audits of the example cover its models', async t => {
  for (const application of models) {
    const { modelDigest } = repository.readAudit(application) ?? {}
    t.equal(modelDigest, await digestOf(repository.folder, application), application)
    for (const environment of environments) {
      const args = [application, '--environment', environment]
      const { audit, denials } = await explain(...args)
      t.equal(member(audit, 'holds'), true, `${application} ${environment}`)
      t.same(denials, [], `${application} ${environment}`)
    }
  }
})

t.test('check.yml admits a model of the example', t => {
  const [job] = jobsOf('check.yml')
  const steps = new Map(job?.steps.map(step => [stringMember(step, 'name'), step]))
  const matrix = { model: 'churn-prediction', environment: 'production' }
  for (const name of ['Render', 'Explain', 'Check']) {
    const { status, stdout, stderr } = runStep(steps.get(name), matrix)
    t.equal(status, 0, `${name}: ${stdout}${stderr}`)
  }
  t.end()
})

t.test('release.yml commits a tag that its commit pins and the audit covers', async t => {
  const digest = await digestOf(repository.folder, 'models/sentiment')
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, { cwd: repository.folder, encoding: 'utf8' }).trim()
  execFileSync('git', ['init', '--quiet', '--bare', path.join(work, 'origin.git')])
  git('config', 'remote.origin.url', path.join(work, 'origin.git'))
  git('config', 'push.default', 'current')
  const release = jobsOf('release.yml').find(({ name }) => name === 'sentiment')
  const step = release?.steps.find(({ name }) => name === 'Commit the tag')
  const env = { REGISTRY: 'registry.example.com/ml', GITHUB_SHA: built }
  const { status, stderr } = runStep(step, {}, env)
  t.equal(status, 0, stderr)
  t.equal(git('rev-parse', 'HEAD~1'), built)
  const { modelDigest, modelCommit, denials, runs } = await explain(
    ...['models/sentiment', '--environment', 'production']
  )
  t.same([modelDigest, modelCommit, denials], [digest, first, []])
  const [image] = objectsIn(runs)
  t.same(
    [image?.image, image?.pinnedBy],
    [`registry.example.com/ml/sentiment:${built}`, 'ancestor']
  )
})

const hasPython = spawnSync('python3', ['--version']).status === 0

t.test(
  'the Python of the example compiles',
  { skip: hasPython ? false : 'SKIPPED: python3 was not found' },
  t => {
    const files = globSync('**/*.py', { cwd: example }).sort()
    t.ok(files.length > 5, files.join(' '))
    for (const file of files) {
      const program = 'import ast, sys; ast.parse(sys.stdin.read())'
      const { status, stderr } = spawnSync('python3', ['-c', program], {
        input: readFileSync(path.join(example, file)),
        encoding: 'utf8'
      })
      t.equal(status, 0, `${file}: ${stderr}`)
    }
    t.end()
  }
)
