import t from 'tap'
import type { ApiClient } from '../../../service/kubernetes/api-client.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import { LeaderElection } from '../../../service/kubernetes/leader-election.ts'
import { silentLogger } from '../../../service/log.ts'
import { eventually } from '../../eventually.ts'
import { hastyClock } from './served.ts'

/** An API server with one Lease that nobody else wants; it answers until it is said not to. */
class LeaseServer {
  #lease: ApiObject | undefined
  /** How often the Lease was written. */
  writes = 0
  isSilent = false

  get client(): ApiClient {
    const write = (_resource: unknown, _place: unknown, body: ApiObject['body']) => {
      const resourceVersion = String((this.writes += 1))
      const identity = { namespace: 'ns', name: 'lease', uid: 'u', generation: undefined }
      return this.#answer((this.#lease = { ...identity, resourceVersion, body }))
    }
    const get = () => this.#answer(this.#lease)
    return { get, create: write, replace: write } as unknown as ApiClient
  }

  #answer(lease: ApiObject | undefined): Promise<ApiObject | undefined> {
    return this.isSilent ? new Promise(() => undefined) : Promise.resolve(lease)
  }
}

async function leading(server: LeaseServer) {
  const election = new LeaderElection({
    client: server.client,
    lease: { namespace: 'ns', name: 'lease' },
    identity: 'pod-1',
    clock: hastyClock,
    now: () => new Date(),
    logger: silentLogger
  })
  const lost = Promise.withResolvers<number>()
  const leads = Promise.withResolvers<undefined>()
  election.start(
    () => {
      leads.resolve(undefined)
    },
    () => {
      lost.resolve(hastyClock.nowMs())
    }
  )
  await leads.promise
  return { election, lost: lost.promise }
}

t.test('a leader whose API server does not answer ends before another one may lead', async t => {
  const server = new LeaseServer()
  const { election, lost } = await leading(server)
  const { writes } = server
  await eventually(() => server.writes > writes + 2)
  t.ok(election.isLeader, 'it renews')
  server.isSilent = true
  await lost
  t.notOk(election.isLeader)
})

t.test(
  'an election that is stopped waits for what it asked, and then gives the Lease back',
  async t => {
    const server = new LeaseServer()
    const { election, lost } = await leading(server)
    await election.stop()
    t.equal(election.notReadyReason(), 'another replica leads, or none does yet')
    const held = (await server.client.get(undefined as never, {})).body as {
      readonly spec: { readonly holderIdentity: string }
    }
    t.equal(held.spec.holderIdentity, '')
    // Nothing of the election runs now: what it did not lose yet, it never loses.
    t.equal(await Promise.race([lost, Promise.resolve('never')]), 'never')
  }
)
