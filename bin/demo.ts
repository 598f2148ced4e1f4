import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { describeFault, Fault } from '../common/fault.ts'
import type { JsonObject } from '../common/json.ts'
import { member, stringMember } from '../common/json.ts'
import { annotations } from '../evidence/annotations.ts'
import { storyPolicies, tellAdmission } from './demo/admission-story.ts'
import { tellAnalysis } from './demo/analysis-story.ts'
import { renderSigned } from './demo/rendered.ts'
import type { Rendered } from './demo/rendered.ts'
import { DemoRepository, models } from './demo/repository.ts'
import { fluxStory } from './demo/flux-story.ts'
import { startWebhook } from './demo/webhook-process.ts'
import { differences } from './differences.ts'
import { run } from './run.ts'

const environments = ['staging', 'production'] as const

/**
 * `npm start`: makes a real commit of the example repository in a temporary folder, then the commit of
 * its auditor, renders every model in both environments and tells what came out; then starts the
 * admission webhook and sends it what each state of the repository renders; then lets the analysis judge
 * four rollouts. `--output yaml` prints the manifests in place of what differs, `--stay` keeps the pages up.
 */
async function demo(): Promise<number> {
  const { values } = parseArgs({
    options: { output: { type: 'string' }, stay: { type: 'boolean' } }
  })
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-start-'))
  try {
    const repository = new DemoRepository(path.join(folder, 'mlops-repo'))
    const model = repository.commit('Models, configurations and platform')
    nameCommit(repository, model)
    const head = repository.commit('Bias audits of the models')
    await run({ args: ['keygen', '--out-dir', 'keys'], env: {}, folder })
    const key = path.join(folder, 'keys/signing.key')
    say(
      `A repository of two commits: ${model.slice(0, 7)} the models, ${head.slice(0, 7)} their bias audits.\n`
    )
    for (const application of models) {
      const parts: Rendered[] = []
      for (const environment of environments) {
        parts.push(await renderSigned(repository.folder, application, { environment, key }))
      }
      if (values.output === undefined) tell(application, parts)
      else for (const { text } of parts) process.stdout.write(text)
    }
    say(await fluxStory(repository.folder, 'models/sentiment', { commit: head, key }))
    await admit(repository, folder, key)
    const stop = await tellAnalysis({ say, commit: head, state: path.join(folder, 'analysis.db') })
    if (values.stay === true) {
      say('\nThe pages stay until Ctrl-C.\n')
      await once(process, 'SIGINT')
    }
    await stop()
    return 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function admit(repository: DemoRepository, folder: string, key: string): Promise<void> {
  const keys = key.replace(/\.key$/, '.pub')
  const webhook = await startWebhook(folder, { policies: storyPolicies, keys })
  try {
    say(
      `\nThe admission webhook answers on ${webhook.url} by the policies of manifests/policies.\n`
    )
    await tellAdmission({ repository, webhook, key, say })
  } finally {
    say(`\nThe webhook was told to stop; exit code ${(await webhook.stop()) ?? 'none'}.\n`)
  }
}

/** An audit cannot name the commit that contains it: it names the one before, which it is about. */
function nameCommit(repository: DemoRepository, modelCommit: string): void {
  const date = new Date().toISOString().slice(0, 10)
  for (const application of models) {
    const audit = repository.readAudit(application)
    if (audit === undefined) say(`${application} has no bias audit.\n`)
    else repository.writeAudit(application, { ...audit, modelCommit, date })
  }
}

function tell(application: string, [staging, production]: readonly Rendered[]): void {
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

try {
  process.exitCode = await demo()
} catch (error) {
  if (!(error instanceof Fault)) throw error
  process.stderr.write(`mlgitops: ${describeFault(error)}\n`)
  process.exitCode = 1
}
