import { V1MicroTime } from '@kubernetes/client-node'
import type { V1Lease } from '@kubernetes/client-node'
import t from 'tap'
import type { ApiClient } from '../../../service/kubernetes/api-client.ts'
import { LeaderElection } from '../../../service/kubernetes/leader-election.ts'
import { silentLogger } from '../../../service/log.ts'
import { eventually } from '../../eventually.ts'
import { briskClock } from './served.ts'

/** An API server with one Lease that no other replica wants; it answers until `isSilent`. */
class LeaseServer {
  lease: V1Lease | undefined
  /** How often the Lease was written. */
  writes = 0
  isSilent = false

  get client(): ApiClient {
    const write = ({ body }: { readonly body: V1Lease }) => {
      const resourceVersion = String((this.writes += 1))
      const metadata = { namespace: 'ns', name: 'lease', uid: 'u', resourceVersion }
      return this.#answer((this.lease = { ...body, metadata }))
    }
    const coordination = {
      readNamespacedLease: () => this.#answer(this.lease),
      createNamespacedLease: write,
      replaceNamespacedLease: write
    }
    const microTime = (date: Date) => new V1MicroTime(date)
    return { coordination, microTime } as unknown as ApiClient
  }

  #answer(lease: V1Lease | undefined): Promise<V1Lease | undefined> {
    return this.isSilent ? new Promise(() => undefined) : Promise.resolve(lease)
  }
}

async function leading(server: LeaseServer) {
  const election = new LeaderElection({
    client: server.client,
    lease: { namespace: 'ns', name: 'lease' },
    identity: 'pod-1',
    clock: briskClock,
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
      lost.resolve(briskClock.nowMs())
    }
  )
  await leads.promise
  return { election, lost: lost.promise }
}

t.test(
  'a leader whose API server does not answer loses leadership before another may acquire it',
  async t => {
    const server = new LeaseServer()
    const { election, lost } = await leading(server)
    const { writes } = server
    await eventually(() => server.writes > writes + 2)
    t.ok(election.isLeader, 'it renews')
    server.isSilent = true
    await lost
    t.notOk(election.isLeader)
  }
)

t.test(
  'an election that is stopped waits for its request, and then releases the Lease',
  async t => {
    const server = new LeaseServer()
    const { election, lost } = await leading(server)
    await election.stop()
    t.equal(election.notReadyReason(), 'another replica is the leader, or none is yet')
    t.equal(server.lease?.spec?.holderIdentity, '')
    // Nothing of the election runs now: what it did not lose yet, it never loses.
    t.equal(await Promise.race([lost, Promise.resolve('never')]), 'never')
  }
)
