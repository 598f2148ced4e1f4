import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { describeFault, Fault } from '../common/fault.ts'
import type { JsonObject } from '../common/json.ts'
import { member, stringMember } from '../common/json.ts'
import { annotations } from '../evidence/annotations.ts'
import { ChildProcesses } from './demo/child-processes.ts'
import { describeFluxRelease } from './demo/describe-flux-release.ts'
import { renderSigned } from './demo/rendered.ts'
import type { Rendered } from './demo/rendered.ts'
import { DemoRepository, models } from './demo/repository.ts'
import { demoPolicies, showAdmission } from './demo/show-admission.ts'
import { showAnalysis, startAnalysis } from './demo/show-analysis.ts'
import type { AnalysisProcesses } from './demo/show-analysis.ts'
import { showIdentity } from './demo/show-identity.ts'
import { startWebhook } from './demo/webhook-process.ts'
import type { WebhookProcess } from './demo/webhook-process.ts'
import { differences } from './differences.ts'
import { run } from './run.ts'

const environments = ['staging', 'production'] as const

const { values: options } = parseArgs({
  options: { output: { type: 'string' }, stay: { type: 'boolean' } }
})

/** What the parts of the demo share. */
interface Demo {
  readonly repository: DemoRepository
  /** The commit with the models and their audits. */
  readonly commit: string
  /** The file of the signing key. */
  readonly key: string
  readonly webhook: Promise<WebhookProcess>
  readonly analysis: Promise<AnalysisProcesses>
}

/**
 * `npm start`: makes a real commit of the example repository in a temporary folder, then the commit of
 * its auditor; renders every model in both environments; sends the objects of several commits to the
 * admission webhook; and lets the analysis judge four rollouts. `--output yaml` prints the manifests
 * instead of the differences, `--stay` keeps the pages up until Ctrl-C.
 *
 * @returns the exit code
 */
async function main(): Promise<number> {
  const interrupted = new Promise<'SIGINT' | 'SIGTERM'>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve(signal)
      })
    }
  })
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-start-'))
  const processes = new ChildProcesses()
  try {
    const signal = await Promise.race([processes.during(show(folder, processes)), interrupted])
    if (typeof signal === 'string') {
      process.stderr.write(`mlgitops: stopped by ${signal}\n`)
      return 128 + constants.signals[signal]
    }
    if (options.stay === true) {
      say('\nThe pages stay until Ctrl-C.\n')
      await processes.during(interrupted)
    }
    const { analysis } = signal
    say(`\nThe analysis stopped with exit code ${(await analysis.stop()) ?? 'none'}.\n`)
    return 0
  } finally {
    await processes.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Shows all parts of the demo, and returns the processes whose pages can be read afterwards. */
async function show(folder: string, processes: ChildProcesses): Promise<AnalysisProcesses> {
  const demo = await prepare(folder, processes)
  const { repository, commit, key } = demo
  for (const application of models) {
    const parts: Rendered[] = []
    for (const environment of environments) {
      parts.push(await renderSigned(repository.folder, application, { environment, key }))
    }
    if (options.output === undefined) showDifferences(application, parts)
    else for (const { text } of parts) process.stdout.write(text)
  }
  say(await describeFluxRelease(repository.folder, 'models/sentiment', { commit, key }))
  const webhook = await demo.webhook
  say(
    `\nThe admission webhook listens on ${webhook.url} with the policies of manifests/policies.\n`
  )
  const stage = { repository, webhook, key, say }
  await showAdmission(stage)
  await showIdentity(stage)
  say(`\nThe webhook stopped with exit code ${(await webhook.stop()) ?? 'none'}.\n`)
  const analysis = await demo.analysis
  await showAnalysis({ say, commit, processes: analysis })
  return analysis
}

/** Makes the repository and starts every process: they get ready while the repository is rendered. */
async function prepare(folder: string, processes: ChildProcesses): Promise<Demo> {
  const analysis = startAnalysis(processes, path.join(folder, 'analysis.db'))
  await run({ args: ['keygen', '--out-dir', 'keys'], env: {}, folder })
  const key = path.join(folder, 'keys/signing.key')
  const keys = path.join(folder, 'keys/signing.pub')
  const webhook = startWebhook(processes, folder, { policies: demoPolicies, keys })
  // A failure is thrown by `processes.during`, and where the process is awaited.
  for (const start of [analysis, webhook]) start.catch(() => undefined)
  const repository = new DemoRepository(path.join(folder, 'mlops-repo'))
  const model = repository.commit('Models, configurations and platform')
  dateAudits(repository)
  const head = repository.commit('Bias audits of the models')
  say(
    `A repository of two commits: ${model.slice(0, 7)} the models, ${head.slice(0, 7)} their bias audits.\n`
  )
  return { repository, commit: head, key, webhook, analysis }
}

/** Makes the audits of the example audits of today: policies ask how old one is. */
function dateAudits(repository: DemoRepository): void {
  const date = new Date().toISOString().slice(0, 10)
  for (const application of models) {
    const audit = repository.readAudit(application)
    if (audit === undefined) say(`${application} has no bias audit.\n`)
    else repository.writeAudit(application, { ...audit, date })
  }
}

function showDifferences(application: string, [staging, production]: readonly Rendered[]): void {
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

/** Prints the demo's text on stdout; on stderr if stdout has the manifests. */
function say(text: string): void {
  process[options.output === undefined ? 'stdout' : 'stderr'].write(text)
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof Fault)) throw error
  process.stderr.write(`mlgitops: ${describeFault(error)}\n`)
  process.exitCode = 1
}
// What was interrupted may still wait for something.
process.exit()
