import assert from 'node:assert/strict'
import { member } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'
import { image } from './canary.ts'
import { healthy, primary, roll } from './roll.ts'
import { Traffic } from './traffic.ts'

const cookieName = 'flagger-cookie'
const judged = { maturity: '5s', block: '1s' } as const

/** Traffic that breaks what plain counts assume. */
export function proveTraffic(bench: Bench, points: Points): readonly Promise<unknown>[] {
  return [
    points.check(
      'users that stay in their arm: the same model on both sides is not rolled back',
      async () => {
        const name = 'sticky'
        const settled = { 'max-analysis': '60s', 'on-inconclusive': 'pass' }
        await bench.initialise({
          name,
          provider: 'gatewayapi:v1',
          objectives: { ...judged, ...settled, 'precision.versus': 'primary' },
          sessionAffinity: { cookieName, maxAge: 3600 }
        })
        await roll(bench, name, {
          canary: { ...healthy, badRatio: 0.1, users: 12 },
          primary: { ...primary, badRatio: 0.1, users: 40 }
        })
        const route = `/apis/gateway.networking.k8s.io/v1/namespaces/${bench.namespace}/httproutes/${name}`
        await eventually(
          async () => JSON.stringify(await bench.client.read(route)).includes(cookieName),
          { what: 'the route of Flagger has the cookie' }
        )
        const { phase } = await bench.phase(name, 'Failed', 'Succeeded')
        assert.equal(phase, 'Succeeded', bench.messages(name).join('\n'))
        const { objectives } = await bench.verdict(name)
        const [objective] = objectives as readonly { readonly reason: string }[]
        assert.match(
          objective?.reason ?? '',
          /^precision 0\.\d+(?: to 0\.\d+)? of \d+ events, the primary's 0\.\d+ of \d+: .*; judged by the \d+ clusters of the canary/
        )
      }
    ),
    points.check(
      "a canary whose responses KServe's logger does not see fails by the guard",
      async () => {
        const name = 'lossy'
        await bench.initialise({
          name,
          provider: 'kubernetes',
          objectives: {
            ...{ maturity: '5s', block: '5s', 'max-analysis': '5m' },
            'precision.min': '0.9',
            'response-timeout': '4s'
          }
        })
        await bench.deploy(name, 'v2')
        await bench.phase(name, 'Progressing')
        // An agent of its own: events that wait in a queue come too late to be compared.
        const traffic = new Traffic(bench.url, 13)
        bench.machine.atEnd(() => traffic.stop())
        traffic.set(`${bench.namespace}/${name}`, {
          canary: { rate: 10, badRatio: 0, latencyMs: 40, lost: 0.6 },
          primary: { rate: 10, badRatio: 0.03, latencyMs: 40 },
          kserve: 'path'
        })
        assert.equal((await bench.phase(name, 'Failed', 'Succeeded')).phase, 'Failed')
        await bench.untilMessage(
          name,
          /^Post-rollout hook post-rollout failed fail: guard: error rate 0\.\d+ of \d+ events, the primary's 0[.\d]* of \d+: above the primary's/
        )
        assert.equal(await bench.primaryImage(name), image('v1'))
        assert.equal(member(await bench.verdict(name), 'verdict'), 'fail')
      }
    )
  ]
}
