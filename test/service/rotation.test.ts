import t from 'tap'
import {
  bundleOf,
  readAuthorityState,
  writeAuthorityState
} from '../../service/certificates/authority-state.ts'
import type { AuthorityState } from '../../service/certificates/authority-state.ts'
import { readAuthority } from '../../service/certificates/authority.ts'
import type { Authority } from '../../service/certificates/authority.ts'
import { issueAuthority } from '../../service/certificates/issue.ts'
import { defaultRotation, isLeafDue, rotationStep } from '../../service/certificates/rotation.ts'
import { faultText } from '../fault-text.ts'
import { Cluster, dayMs, minuteMs, settings, tick } from './cluster.ts'

/** A CA of which only the times and the name count. */
function authority(name: string, notBeforeMs: number, notAfterMs: number): Authority {
  return { certificatePem: `${name}\n`, keyPem: 'key', fingerprint: name, notBeforeMs, notAfterMs }
}

const current = authority('current', 0, 10 * dayMs)
const next = { authority: authority('next', 7 * dayMs, 17 * dayMs) }
const previous = { authority: authority('previous', -9 * dayMs, dayMs), removeAtMs: dayMs }
const step = (state: AuthorityState, nowMs: number, publishedBundle?: string) =>
  rotationStep({ state, nowMs, publishedBundle }, settings)

t.test('One step follows from the state, the published bundle and the clock', t => {
  const settled = { ...next, publishedAtMs: 7 * dayMs }
  const atSettled = 7 * dayMs + settings.settleMs
  t.same(rotationStep({ state: undefined, publishedBundle: '', nowMs: 0 }, settings), {
    kind: 'create'
  })
  t.same(step({ current }, 7 * dayMs - 1), { kind: 'none' })
  t.same(step({ current }, 7 * dayMs), { kind: 'add-next' })
  t.same(step({ current }, 10 * dayMs), { kind: 'create' }, 'it has expired')
  t.same(step({ current, next }, 10 * dayMs), {
    kind: 'write',
    state: { current: next.authority }
  })
  t.same(step({ current, next }, 17 * dayMs), { kind: 'create' }, 'both have expired')
  t.same(step({ current, next }, 7 * dayMs, 'current\n'), { kind: 'none' }, 'not published yet')
  t.same(step({ current, next }, 7 * dayMs, 'current\nnext\n'), {
    kind: 'write',
    state: { current, next: settled }
  })
  t.same(step({ current, next }, 7 * dayMs), {
    kind: 'write',
    state: { current, next: settled }
  })
  t.same(step({ current, next: settled }, 8 * dayMs, 'current\n'), {
    kind: 'write',
    state: { current, next }
  })
  t.same(step({ current, next: settled }, atSettled - 1), { kind: 'none' })
  const removeAtMs = atSettled + dayMs + 60 * minuteMs
  t.same(step({ current, next: settled }, atSettled), {
    kind: 'write',
    state: { current: next.authority, previous: { authority: current, removeAtMs } }
  })
  t.same(step({ current, previous }, dayMs - 1), { kind: 'none' })
  t.same(step({ current, previous }, dayMs), { kind: 'write', state: { current } })
  const late = { ...previous, removeAtMs: 9 * dayMs }
  t.same(
    step({ current, next: settled, previous: late }, atSettled),
    { kind: 'none' },
    'one change after the other'
  )
  t.same(step({ current, next, previous: late }, 7 * dayMs), {
    kind: 'write',
    state: { current, next: settled, previous: late }
  })
  const { renewBeforeMs, settleMs, leafLifetimeMs, skewMs } = defaultRotation
  t.ok(renewBeforeMs > settleMs + leafLifetimeMs + skewMs, 'the defaults leave time for all steps')
  t.end()
})

t.test('A leaf is due if it is missing, of another CA, old, or from the future', t => {
  const leaf = { signer: 'current', notBeforeMs: 3 * dayMs, notAfterMs: 6 * dayMs }
  t.equal(isLeafDue(undefined, current, 0), true)
  t.equal(isLeafDue(leaf, next.authority, 4 * dayMs), true)
  t.equal(isLeafDue(leaf, current, 5 * dayMs - 1), false)
  t.equal(isLeafDue(leaf, current, 5 * dayMs), true)
  t.equal(isLeafDue(leaf, current, 3 * dayMs), false)
  t.equal(isLeafDue(leaf, current, 3 * dayMs - 1), true, 'the clock was ahead and went back')
  const bound = { ...leaf, notBeforeMs: 0 }
  t.equal(
    isLeafDue(bound, current, -1),
    false,
    'its CA starts no earlier, so another leaf would not help'
  )
  t.end()
})

t.test('The state is written to the data of a Secret and read back', async t => {
  const validity = { notBeforeMs: 0, notAfterMs: dayMs }
  const [a, b, c] = await Promise.all(
    ['a', 'b', 'c'].map(async name => {
      const pair = await issueAuthority(name, validity)
      return readAuthority(pair.certificatePem, pair.keyPem, name)
    })
  )
  if (!a || !b || !c) throw new Error('three authorities')
  const { keyPem, ...retired } = c
  t.match(keyPem, /PRIVATE KEY/)
  for (const state of [
    { current: a },
    { current: a, next: { authority: b } },
    {
      current: a,
      next: { authority: b, publishedAtMs: 1_000 },
      previous: { authority: retired, removeAtMs: 2_000 }
    }
  ]) {
    t.same(readAuthorityState(writeAuthorityState(state)), state)
  }
  const all = { current: a, next: { authority: b }, previous: { authority: c, removeAtMs: 0 } }
  t.notMatch(JSON.stringify(writeAuthorityState(all)), c.keyPem.split('\n')[1] ?? '')
  t.equal(bundleOf(all), a.certificatePem + b.certificatePem + c.certificatePem)
  t.equal(readAuthorityState({}), undefined)
  t.equal(readAuthorityState({ 'ca.crt': '', 'ca.key': '' }), undefined)
  t.equal(
    faultText(() => readAuthority(a.certificatePem, b.keyPem, 'ca.crt')),
    `ca.crt: cannot use the CA [CA_INVALID]
  found:    the key is not readable or belongs to another certificate
  remedy:   delete the data of the Secret; a new CA is then created`
  )
})

t.test('A clock that jumps ahead and back leaves no leaf that clients refuse', async t => {
  const cluster = new Cluster()
  const trueMs = cluster.nowMs
  const replica = cluster.replica()
  await tick(t, replica)
  cluster.nowMs = trueMs + 2 * dayMs
  await tick(t, replica)
  cluster.nowMs = trueMs
  t.equal(
    replica.manager.notReadyReason(),
    'the certificate is not valid before 2026-11-26T11:00:00.000Z; a clock is wrong'
  )
  await tick(t, replica)
  t.equal(replica.leaves.length, 3)
})

t.test('The CA of a replica whose clock is far ahead makes the others not ready', async t => {
  const cluster = new Cluster()
  const trueMs = cluster.nowMs
  await tick(t, cluster.replica({ now: () => trueMs + 30 * dayMs }))
  const { manager, leaves } = cluster.replica()
  t.equal(await manager.tick(), true)
  t.equal(
    manager.notReadyReason(),
    'the certificate is not valid before 2026-12-24T11:00:00.000Z; a clock is wrong'
  )
  t.equal(await manager.tick(), true)
  t.equal(leaves.length, 1, 'not a new leaf at every tick')
  cluster.nowMs += 30 * dayMs
  t.equal(manager.notReadyReason(), undefined)
})

t.test('Clocks may differ by less than the skew', async t => {
  const cluster = new Cluster()
  const trueMs = cluster.nowMs
  await tick(t, cluster.replica({ now: () => trueMs + 59 * minuteMs }))
  await tick(t, cluster.replica())
})
