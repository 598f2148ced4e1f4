import t from 'tap'
import { noWords } from '../../analysis/canary/canary-words.ts'
import { handleHook } from '../../analysis/hook/handle-hook.ts'
import type { HookOptions } from '../../analysis/hook/handle-hook.ts'
import type { HookCall } from '../../analysis/hook/hook.ts'
import { readAnalysis } from '../../analysis/settings/read-analysis.ts'
import { Rollouts } from '../../analysis/run/rollouts.ts'
import type { LiveAnalysis } from '../../analysis/run/rollouts.ts'
import { openSqliteStore } from '../../analysis/store/sqlite-store.ts'
import { rollout, startMs } from './bench-top.ts'

const change = {
  variant: 'canary',
  cellMs: startMs,
  countsFromMs: 0,
  events: 500,
  bad: 400,
  onTimeEvents: 500,
  onTimeBad: 400
} as const

/** Hooks whose refreshes a test controls. */
function prepare(
  refresh: (live: LiveAnalysis, rollouts: Rollouts) => ReturnType<HookOptions['refresh']>
) {
  const store = openSqliteStore(':memory:')
  const nowMs = () => startMs
  const rollouts = new Rollouts(store, settings => readAnalysis(settings), nowMs)
  const options: HookOptions = {
    store,
    rollouts,
    declared: () => undefined,
    words: () => noWords,
    block: () => undefined,
    isByMatch: () => false,
    isNamespaceAllowed: () => true,
    prepare: (_, settings) => settings,
    refresh: (_, live) => refresh(live, rollouts),
    judged: () => undefined,
    nowMs
  }
  const hook = async (type: HookCall['type'], metadata: Readonly<Record<string, string>> = {}) => {
    const call = { rollout, phase: 'Progressing', checksum: 'c1' }
    const { status, text } = await handleHook(options, {
      ...call,
      type,
      metadata: new Map(Object.entries(metadata))
    })
    return `${status} ${text}`
  }
  return { store, rollouts, hook }
}

const accuracy = { 'accuracy.min': '0.9', maturity: '0s', 'min-intervals': '1' }
const errors = { 'error-rate.max': '0.1', 'min-intervals': '1' }

t.test('A hook that waited does not overwrite newer state', async t => {
  let wait = () => Promise.resolve()
  const { store, rollouts, hook } = prepare(async () => {
    await wait()
    return { kind: 'fresh' }
  })
  await hook('rollout', accuracy)
  const live = () => rollouts.find(rollout)?.run?.analyses[0]
  const [first] = [live()]
  wait = () => {
    // As after a failed transaction: memory has new objects, which then change.
    rollouts.forget()
    const current = live()
    t.not(current, first)
    if (current === undefined) return Promise.resolve()
    rollouts.updateAnalysis(current, { sourceState: '"read"' })
    store.addChange({ analysis: current.row.id, counter: 'accuracy', change })
    current.state.add('accuracy', change)
    return Promise.resolve()
  }
  t.match(await hook('rollout', accuracy), /^412 fail: accuracy at most 0\.267; /)
  const [row] = store.analyses(1)
  t.equal(row?.sourceState, '"read"')
  t.match(row?.failed, /^accuracy at most 0\.267; /)
})

t.test('A run that ended while a hook waited stays ended', async t => {
  let wait = () => Promise.resolve()
  const { store, rollouts, hook } = prepare(async () => {
    await wait()
    return { kind: 'fresh' }
  })
  await hook('rollout', accuracy)
  wait = async () => {
    rollouts.forget()
    await hook('post-rollout')
  }
  await hook('rollout', accuracy)
  t.equal(store.lastRun(1)?.endedMs, startMs)
})

t.test('Sources are read concurrently, and a proof outweighs a source that is down', async t => {
  const asked: string[] = []
  const { rollouts, hook } = prepare(async ({ row }) => {
    asked.push(`starts ${row.id}`)
    await new Promise(setImmediate)
    asked.push(`ends ${row.id}`)
    return row.id === 1 ? { kind: 'unavailable', reason: 'it hangs' } : { kind: 'fresh' }
  })
  t.equal(await hook('rollout', errors), '424 the source is down: it hangs')
  await hook('rollout', accuracy)
  rollouts.find(rollout)?.run?.analyses[1]?.state.add('accuracy', change)
  asked.length = 0
  t.match(await hook('rollout'), /^412 fail: accuracy at most 0\.267; /)
  t.same(asked, ['starts 1', 'starts 2', 'ends 1', 'ends 2'])
  t.match(await hook('rollback'), /^200 fail: accuracy at most 0\.267; /)
})
