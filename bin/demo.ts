import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { JsonObject } from '../common/json.ts'
import { member, stringMember } from '../common/json.ts'
import { readYaml } from '../common/yaml/read.ts'
import { annotations } from '../evidence/annotations.ts'
import { differences } from './differences.ts'
import { run } from './run.ts'

const example = path.join(import.meta.dirname, '../manifests/examples/mlops-repo')
const models = ['models/churn-prediction', 'models/sentiment', 'models/recommender']
const environments = ['staging', 'production'] as const

/** What was rendered of one application path in one environment. */
interface Part {
  readonly text: string
  readonly objects: readonly JsonObject[]
}

/**
 * `npm start`: makes a real commit of the example repository in a temporary folder, then the commit of
 * its auditor, renders every model in both environments and tells what came out.
 */
async function demo(): Promise<number> {
  const { values } = parseArgs({ options: { output: { type: 'string' } } })
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-start-'))
  try {
    const repository = path.join(folder, 'mlops-repo')
    cpSync(example, repository, { recursive: true })
    const model = commitAll(repository, 'Models, configurations and platform')
    signAudits(repository, model)
    const head = commitAll(repository, 'Bias audits of the models')
    await run({ args: ['keygen', '--out-dir', 'keys'], env: {}, folder })
    say(
      `A repository of two commits: ${model.slice(0, 7)} the models, ${head.slice(0, 7)} their bias audits.\n`
    )
    for (const application of models) {
      const parts = await renderBoth(repository, application, path.join(folder, 'keys/signing.key'))
      if (values.output === undefined) tell(application, parts)
      else for (const { text } of parts) process.stdout.write(text)
    }
    return 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** With a fixed author and date: the same files make the same commit everywhere. */
function commitAll(repository: string, message: string): string {
  const identity = { name: 'Example', email: 'example@example.com', date: '2026-11-02T09:00:00Z' }
  const env = {
    PATH: process.env.PATH,
    HOME: repository,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_AUTHOR_DATE: identity.date,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
    GIT_COMMITTER_DATE: identity.date
  }
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: repository, env, encoding: 'utf8', stdio: 'pipe' }).trim()
  git('-c', 'init.defaultBranch=main', 'init', '--quiet')
  git('add', '--all')
  git('commit', '--quiet', '--message', message)
  git('config', 'remote.origin.url', 'https://git.example.com/acme/mlops-repo.git')
  return git('rev-parse', 'HEAD')
}

/** An audit cannot name the commit that contains it: it names the one before, which it is about. */
function signAudits(repository: string, commit: string): void {
  for (const application of models) {
    const file = path.join(repository, application, 'bias_audit.md')
    try {
      writeFileSync(file, readFileSync(file, 'utf8').replace(/"0{40}"/, `"${commit}"`))
    } catch {
      say(`${application} has no bias audit.\n`)
    }
  }
}

async function renderBoth(folder: string, application: string, key: string): Promise<Part[]> {
  const parts: Part[] = []
  for (const environment of environments) {
    const args = ['render', application, '--environment', environment, '--key', key]
    const { stdout, stderr, exitCode } = await run({ args, env: {}, folder })
    if (exitCode !== 0) throw new Error(stderr)
    const documents = readYaml(stdout, { file: application })
    parts.push({ text: stdout, objects: documents.map(({ value }) => value as JsonObject) })
  }
  return parts
}

function tell(application: string, [staging, production]: readonly Part[]): void {
  say(`${application}: the objects of staging, and what differs in production\n`)
  for (const [index, object] of (staging?.objects ?? []).entries()) {
    say(`  ${describe(object)}\n`)
    const found = differences(object, production?.objects[index] ?? {})
    for (const line of found.slice(0, 5)) say(`      ${line}\n`)
    if (found.length > 5) say(`      and ${found.length - 5} more differences\n`)
  }
}

function describe(object: JsonObject): string {
  const metadata = member(object, 'metadata')
  const mark = (name: string) => stringMember(member(metadata, 'annotations'), name) ?? ''
  const name = `${stringMember(object, 'kind') ?? ''} ${stringMember(metadata, 'name') ?? ''}`
  const signed = mark(annotations.attestation) === '' ? '' : ', signed'
  const [commit, model] = [mark(annotations.gitCommit), mark(annotations.modelCommit)]
  return `${name}  commit ${commit.slice(0, 7)}, model ${model.slice(0, 7)}${signed}`
}

/** The story is on stdout, unless manifests are asked for. */
function say(text: string): void {
  const stream = process.argv.some(arg => arg.startsWith('--output')) ? 'stderr' : 'stdout'
  process[stream].write(text)
}

process.exitCode = await demo()
