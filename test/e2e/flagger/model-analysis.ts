import assert from 'node:assert/strict'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { expectSuccess } from '../rig/api-client.ts'
import { eventually } from '../rig/eventually.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Points } from '../rig/points.ts'
import { untilReadiness } from '../rig/readiness.ts'
import type { Bench } from './bench.ts'
import { image } from './canary.ts'
import { ClusterAnalysis } from './cluster-analysis.ts'
import { healthy, primary } from './roll.ts'
import { Traffic } from './traffic.ts'

const name = 'described'

/** ModelAnalyses of the cluster: they judge hooks without objectives, and their status has the verdict. */
export async function proveModelAnalysis(bench: Bench, points: Points): Promise<void> {
  const { machine, namespace } = bench
  let started: ClusterAnalysis | undefined
  await points.check(
    'the analysis names its missing permission, and works once it is granted',
    async () => {
      started = await ClusterAnalysis.start(machine, { without: 'modelanalyses/status' })
      assert.match(
        await untilReadiness(started.url, { status: 503, like: /RBAC lacks/ }),
        /RBAC lacks patch modelanalyses\.mlgitops\.io\/status/
      )
      await started.allowAll()
      await untilReadiness(started.url, { status: 200 })
    }
  )
  if (started === undefined) return
  const analysis = started
  const traffic = new Traffic(analysis.url, 11)
  machine.atEnd(() => traffic.stop())
  const rollOut = async (version: string, badRatio: number) => {
    const rollout = `${namespace}/${name}`
    traffic.set(rollout, {})
    await bench.deploy(name, version)
    await bench.phase(name, 'Progressing')
    traffic.set(rollout, { canary: { ...healthy, badRatio }, primary })
    return (await bench.phase(name, 'Succeeded', 'Failed')).phase
  }
  const described = new Described(bench)
  await points.check(
    'a misspelt key of a ModelAnalysis is refused when it is applied',
    async () => {
      const wrong = { ...described.object(0.92), spec: { precison: { min: 0.92 } } }
      const seen = await kubectl(machine.controlPlane, ['apply', '-f', '-'], wrong)
      assert.match(seen.stderr, /strict decoding error: unknown field "spec\.precison"/)
    }
  )
  await points.check(
    'hooks without objectives: the ModelAnalysis decides and has the verdict',
    async () => {
      await described.apply(0.92)
      await bench.initialise({ name, provider: 'kubernetes', objectives: {} }, analysis.url)
      assert.equal(await rollOut('v2', healthy.badRatio), 'Succeeded')
      const run = await described.run(1, 'pass')
      assert.match(stringMember(run, 'reason') ?? '', /^precision at least 0\.9\d*; /)
      const { status, reason, message } = await described.condition('True')
      assert.deepEqual([status, reason, message], ['True', 'Accepted', 'the objectives are in use'])
    }
  )
  await points.check(
    'an invalid change is reported, and the last good objectives stay in use',
    async () => {
      await described.apply(2)
      const condition = await described.condition('False')
      assert.equal(condition.reason, 'Invalid')
      assert.match(
        stringMember(condition, 'message') ?? '',
        /precision\.min[^]*\nThe last good objectives stay in use\.$/
      )
      assert.equal(await rollOut('v3', 0.3), 'Failed')
      assert.equal(await bench.primaryImage(name), image('v2'))
      await described.run(2, 'fail')
      await described.apply(0.9)
      await described.condition('True')
    }
  )
}

/** The ModelAnalysis of the rollout. */
class Described {
  readonly #bench: Bench

  constructor(bench: Bench) {
    this.#bench = bench
  }

  object(min: number): JsonObject {
    return {
      apiVersion: 'mlgitops.io/v1alpha1',
      kind: 'ModelAnalysis',
      metadata: { name, namespace: this.#bench.namespace },
      spec: { precision: { min }, maturity: '5s', block: '1s', 'max-analysis': '5m' }
    }
  }

  async apply(min: number): Promise<void> {
    expectSuccess(await this.#bench.client.apply(this.#at, this.object(min)), 'ModelAnalysis')
  }

  /** Waits until its condition Ready has a status. */
  condition(status: 'True' | 'False'): Promise<JsonObject> {
    return eventually(
      async () => {
        const conditions = member(await this.#status(), 'conditions') ?? []
        return (conditions as readonly JsonObject[]).find(
          each => each.type === 'Ready' && each.status === status
        )
      },
      { what: `the ModelAnalysis is Ready: ${status}` }
    )
  }

  /** Waits until it has a verdict on a run: it is written at most twice a minute. */
  run(number: number, verdict: string): Promise<JsonObject> {
    return eventually(
      async () => {
        const run = member(await this.#status(), 'run')
        const isIt = member(run, 'number') === number && member(run, 'verdict') === verdict
        if (!isIt) throw new Error(JSON.stringify(run ?? null))
        return run as JsonObject
      },
      { what: `the ModelAnalysis has the verdict ${verdict} on run ${number}` }
    )
  }

  get #at(): string {
    return `/apis/mlgitops.io/v1alpha1/namespaces/${this.#bench.namespace}/modelanalyses/${name}`
  }

  async #status() {
    return (await this.#bench.client.read(this.#at)).status
  }
}
