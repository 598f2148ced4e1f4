import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CanaryController } from './flagger/canary-controller.ts'
import { callWebhook } from './flagger/client.ts'
import { modelNames } from './digits/models.ts'
import type { ModelName } from './digits/models.ts'
import { startListening } from './listening-process.ts'
import type { ListeningProcess } from './listening-process.ts'
import { Traffic } from './traffic.ts'

const command = path.join(import.meta.dirname, '../mlgitops.js')
const modelServer = path.join(import.meta.dirname, 'digits/model-server.ts')
const namespace = 'ml'

/** Flagger's interval is 10 s or more; this one's is shorter, so that nobody waits. */
const intervalMs = 300
const mostIntervals = 60

/** What every rollout has to show. The positive class is the nine. */
const objectives = {
  'precision.min': '0.85',
  'precision.positive': '9',
  'precision.margin': '0.05',
  'latency.p95.max': '60ms',
  'error-rate.max': '0.01',
  maturity: '0s',
  block: '300ms',
  'min-events': '10',
  'max-analysis': '1m'
}

interface Case {
  readonly name: string
  readonly what: string
  readonly canary: ModelName
  readonly requestsPerSecond: number
  readonly objectives?: Readonly<Record<string, string>>
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
    objectives: { 'max-analysis': '3s', 'on-inconclusive': 'hold' }
  }
]

/** What the story is told with. */
export interface AnalysisStory {
  readonly say: (text: string) => void
  /** The commit that is rolled out. */
  readonly commit: string
  /** The file of the analysis' state. */
  readonly state: string
}

/**
 * Starts the analysis and four models, and lets a simulated Flagger roll out one that is promoted, one that
 * is rolled back for precision, one for latency, and one about which too little is known.
 *
 * @returns stops what was started
 */
export async function tellAnalysis(story: AnalysisStory): Promise<() => Promise<void>> {
  const serve = ['serve', 'analysis', '--listen', '127.0.0.1:0', '--grace-seconds', '0']
  const [analysis, ...servers] = await Promise.all([
    startListening([command, ...serve, '--state', story.state]),
    ...modelNames.map(name => startListening([modelServer, name]))
  ])
  const models = new Map(modelNames.map((name, index) => [name, servers[index]?.url ?? '']))
  story.say(
    `\nThe analysis answers on ${analysis.url}; four models tell handwritten nines from fours (MNIST, 1,958 digits).\n`
  )
  for (const each of cases) await tellCase(story, each, analysis, models)
  return async () => {
    for (const server of servers) await server.stop()
    story.say(`\nThe analysis was told to stop; exit code ${(await analysis.stop()) ?? 'none'}.\n`)
  }
}

async function tellCase(
  { say, commit }: AnalysisStory,
  each: Case,
  { url }: ListeningProcess,
  models: ReadonlyMap<ModelName, string>
): Promise<void> {
  const { name, canary, requestsPerSecond } = each
  const metadata = { ...objectives, ...each.objectives, model: canary, commit }
  const controller = canaryController(name, url, metadata)
  const address = (model: ModelName) => `${models.get(model) ?? ''}/v2/models/${model}/infer`
  const traffic = new Traffic({
    rollout: `${namespace}/${name}`,
    primary: address('steady'),
    canary: address(canary),
    analysis: url,
    requestsPerSecond,
    seed: 9
  })
  say(`\n${name}: ${each.what}\n`)
  controller.deploy(canary)
  let intervals = 0
  for (; intervals < mostIntervals && !controller.isOver; intervals += 1) {
    await controller.tick()
    traffic.weight = controller.weight
    const isHeld = controller.phase === 'WaitingPromotion' && intervals * intervalMs > heldMs
    if (isHeld && each.objectives !== undefined) break
    await sleep(intervalMs)
  }
  await traffic.stop()
  const verdict = await verdictOf(url, name)
  say(`  Flagger: ${controller.events.at(-1) ?? 'nothing'} (${controller.phase})\n`)
  say(`  verdict after ${verdict.run.ageSeconds} s: ${verdict.verdict}\n`)
  for (const part of verdict.reason.split('; ')) say(`      ${part}\n`)
  say(`  page: ${url}/rollouts/${namespace}/${name}\n`)
}

/** So long a rollout that nothing is known about is watched. */
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
