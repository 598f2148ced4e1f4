import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CanaryController } from './flagger/canary-controller.ts'
import { callWebhook } from './flagger/client.ts'
import { modelNames } from './digits/models.ts'
import type { ModelName } from './digits/models.ts'
import type { ChildProcesses, ReadyProcess } from './child-processes.ts'
import { Traffic } from './traffic.ts'

const command = path.join(import.meta.dirname, '../mlgitops.js')
const modelServer = path.join(import.meta.dirname, 'digits/model-server.ts')
const namespace = 'ml'

/** Flagger's interval is 10 s or more; this one is shorter, to save time. */
const intervalMs = 300
/** Only a rollout that hangs needs so long, even on a busy machine. */
const rolloutTimeoutMs = 300_000

/** The objectives of every rollout. The positive class is the nine. */
const objectives = {
  'precision.min': '0.85',
  'precision.positive': '9',
  'precision.margin': '0.05',
  'latency.p95.max': '30ms',
  'error-rate.max': '0.01',
  maturity: '0s',
  block: '300ms',
  'min-events': '10',
  'max-analysis': '5m'
}

interface Case {
  readonly name: string
  readonly what: string
  readonly canary: ModelName
  readonly requestsPerSecond: number
  readonly objectives?: Readonly<Record<string, string>>
  /** Flagger waits for a person to promote it. */
  readonly isHeld?: true
}

const cases: readonly Case[] = [
  {
    name: 'digits-rival',
    what: 'a model that is as good',
    canary: 'rival',
    requestsPerSecond: 250
  },
  {
    name: 'digits-hasty',
    what: 'a model that was made from 10 digits',
    canary: 'hasty',
    requestsPerSecond: 250
  },
  {
    name: 'digits-thorough',
    what: 'a model that is as good, and slow',
    canary: 'thorough',
    requestsPerSecond: 100
  },
  {
    name: 'digits-quiet',
    what: 'the model that is as good, with 10 requests a second',
    canary: 'rival',
    requestsPerSecond: 10,
    objectives: { 'max-analysis': '3s', 'on-inconclusive': 'hold' },
    isHeld: true
  }
]

/** Runs the models and judges them; all are child processes. */
export interface AnalysisProcesses {
  readonly analysis: ReadyProcess
  /** Address of each model. */
  readonly models: ReadonlyMap<ModelName, string>
}

/**
 * Starts the analysis and four models.
 *
 * @param state the file of the analysis' state
 * @throws {Fault} when one of them does not start, with its output
 */
export async function startAnalysis(
  processes: ChildProcesses,
  state: string
): Promise<AnalysisProcesses> {
  const serve = ['serve', 'analysis', '--listen', '127.0.0.1:0', '--grace-seconds', '0']
  const [analysis, ...servers] = await Promise.all([
    processes.start({ name: 'the analysis', args: [command, ...serve, '--state', state] }),
    ...modelNames.map(name =>
      processes.start({ name: `the model ${name}`, args: [modelServer, name] })
    )
  ])
  const models = new Map(modelNames.map((name, index) => [name, servers[index]?.url ?? '']))
  return { analysis, models }
}

/** What a rollout needs. */
interface Stage {
  readonly say: (text: string) => void
  /** The commit that is rolled out. */
  readonly commit: string
  readonly processes: AnalysisProcesses
}

/**
 * Lets a simulated Flagger roll out four models: one is promoted, one is rolled back for its precision, one
 * for its latency, and of one too little is known. The last has few requests and runs with the first.
 */
export async function showAnalysis(stage: Stage): Promise<void> {
  const { say, processes } = stage
  say(
    `\nThe analysis listens on ${processes.analysis.url}; four models tell handwritten nines from fours (MNIST, 1,958 digits).\n`
  )
  const [busy, quiet] = [cases.slice(0, -1), cases.slice(-1)]
  const later = Promise.all(quiet.map(each => rollOut(stage, each)))
  // Its failure is thrown where it is awaited.
  later.catch(() => undefined)
  for (const each of busy) say(await rollOut(stage, each))
  for (const text of await later) say(text)
}

/** Runs one rollout and returns its part of the story. */
async function rollOut({ commit, processes }: Stage, each: Case): Promise<string> {
  const { name, canary, requestsPerSecond } = each
  const { url } = processes.analysis
  const metadata = { ...objectives, ...each.objectives, model: canary, commit }
  const controller = canaryController(name, url, metadata)
  const address = (model: ModelName) =>
    `${processes.models.get(model) ?? ''}/v2/models/${model}/infer`
  const traffic = new Traffic({
    rollout: `${namespace}/${name}`,
    primary: address('steady'),
    canary: address(canary),
    analysis: url,
    requestsPerSecond,
    seed: 9
  })
  controller.deploy(canary)
  const startedMs = performance.now()
  const elapsedMs = () => performance.now() - startedMs
  while (!controller.isOver && elapsedMs() < rolloutTimeoutMs) {
    await controller.tick()
    traffic.weight = controller.weight
    if (each.isHeld === true && controller.phase === 'WaitingPromotion' && elapsedMs() > heldMs) {
      break
    }
    await Promise.race([sleep(intervalMs), traffic.done])
  }
  await traffic.stop()
  const verdict = await verdictOf(url, name)
  return [
    `\n${name}: ${each.what}`,
    `  Flagger: ${controller.events.at(-1) ?? 'no event'} (${controller.phase})`,
    `  verdict after ${verdict.run.ageSeconds} s: ${verdict.verdict}`,
    ...verdict.reason.split(' | ').map(part => `      ${part}`),
    `  page: ${url}/rollouts/${namespace}/${name}\n`
  ].join('\n')
}

/** How long the rollout that is held is watched: longer than its max-analysis. */
const heldMs = 3_300

function canaryController(
  name: string,
  url: string,
  metadata: Readonly<Record<string, string>>
): CanaryController {
  const types = [
    'pre-rollout',
    'rollback',
    'rollout',
    'confirm-traffic-increase',
    'confirm-promotion',
    'post-rollout',
    'event'
  ]
  const judged = ['pre-rollout', 'rollout', 'confirm-traffic-increase', 'confirm-promotion']
  return new CanaryController(
    {
      namespace,
      name,
      stepWeight: 10,
      maxWeight: 50,
      threshold: 3,
      webhooks: types.map(type => ({
        name: type,
        type,
        url: `${url}/webhook/${type}`,
        ...(judged.includes(type) ? { metadata } : {})
      }))
    },
    callWebhook
  )
}

interface Verdict {
  readonly verdict: string
  readonly reason: string
  readonly run: { readonly ageSeconds: number }
}

async function verdictOf(url: string, name: string): Promise<Verdict> {
  const response = await fetch(`${url}/v1/verdict?namespace=${namespace}&name=${name}`)
  return (await response.json()) as Verdict
}
