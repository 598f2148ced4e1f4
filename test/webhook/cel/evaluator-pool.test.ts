import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import type { Test } from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { describeFault, Fault } from '../../../common/fault.ts'
import type { CelAnswer } from '../../../webhook/cel/evaluator.ts'
import { EvaluatorPool } from '../../../webhook/cel/evaluator-pool.ts'
import type { PoolOptions } from '../../../webhook/cel/evaluator-pool.ts'
import { startEvaluator } from '../../../webhook/cel/evaluator-process.ts'
import { describeFinding } from '../../../webhook/decision.ts'
import type { CelOptions } from '../../../webhook/policy/model-policy.ts'

const many = Array.from({ length: 9_000 }, (_, index) => index)
const object: JsonObject = { kind: 'Job', many, one: [1], text: 'a'.repeat(60_000) }
const bindings = { object, oldObject: null, request: {}, attestation: null }

const endless = rule('object.many.all(a, object.many.all(b, a + b >= 0))')
const good = rule('object.one == [1]')
const bad = rule('object.one == [2]')
const outOfTurn =
  'failed: the expressions were not evaluated because the evaluation of another rule was stopped'
const tooMuch = 'the evaluator process died, probably because the expressions need too much memory'

function rule(expression: string, variables: CelOptions['variables'] = []): CelOptions {
  return { variables, validations: [{ expression }] }
}

/** A variable v and those after it, each of which is twice the one before. */
function doubling(first: string, times: number): CelOptions['variables'] {
  return Array.from({ length: times }, (_, index) => {
    const before = `variables.v${index - 1}`
    return { name: `v${index}`, expression: index === 0 ? first : `${before} + ${before}` }
  })
}

interface Watched {
  readonly pool: EvaluatorPool
  readonly children: readonly ChildProcess[]
  readonly ended: readonly string[]
}

function watched(t: Test, options: Partial<PoolOptions> = {}): Watched {
  const children: ChildProcess[] = []
  const ended: string[] = []
  const start = () => {
    const child = (options.start ?? startEvaluator)()
    children.push(child)
    return child
  }
  const more = { size: 1, limitMs: 10_000, ...options, start }
  const pool = new EvaluatorPool({ ...more, ended: reason => ended.push(reason) })
  t.teardown(() => {
    pool.close()
  })
  return { pool, children, ended }
}

function say(outcome: CelAnswer): string {
  if (outcome.kind === 'failed') return `failed: ${outcome.reason}`
  return outcome.findings.map(describeFinding).join('\n') || 'holds'
}

async function ask(
  pool: EvaluatorPool,
  rules: readonly CelOptions[],
  timeLeftMs?: number
): Promise<readonly string[]> {
  try {
    return (await pool.evaluate(rules, bindings, timeLeftMs)).map(say)
  } catch (error) {
    if (error instanceof Fault) return [describeFault(error)]
    throw error
  }
}

const busy = 'no CEL evaluator became free in time [CEL_BUSY]'

t.test('An endless expression is stopped, and others are answered meanwhile', async t => {
  const { pool, children, ended } = watched(t, { size: 2, limitMs: 4_000 })
  pool.warm()
  t.equal(children.length, 2)
  t.same(await ask(pool, [good, bad]), ['holds', 'the expression is false: object.one == [2]'])
  let isStopped = false
  const stopped = ask(pool, [good, endless, bad]).then(said => {
    isStopped = true
    return said
  })
  for (let i = 0; i < 50; i += 1) t.same(await ask(pool, [good]), ['holds'])
  t.notOk(isStopped, 'fifty others were answered while it ran')
  t.same(await stopped, ['holds', 'failed: the expressions took longer than 4000 ms', outOfTurn])
  t.same(ended, ['the expressions took longer than 4000 ms'])
  t.equal(children.length, 3, 'the one that was killed has a successor')
  const killed = children.filter(child => child.killed)
  t.equal(killed.length, 1)
  if (killed[0]?.signalCode === null) await once(killed[0], 'exit')
  t.equal(killed[0]?.signalCode, 'SIGKILL')
  t.same(await ask(pool, [good]), ['holds'])
})

t.test('An expression can fail only its own review', async t => {
  const { pool, children } = watched(t, { limitMs: 1_500 })
  const late = 'failed: the expressions took longer than 1500 ms'
  const large = `failed: ${tooMuch}`
  const text = '"aaaaaaaaaaaaaaaa"'
  const cases: readonly (readonly [CelOptions, RegExp | string])[] = [
    [endless, late],
    [rule('variables.v19.all(a, variables.v19.all(b, a + b > 0))', doubling('[1]', 20)), late],
    [rule('variables.v21.lowerAscii() == ""', doubling(text, 22)), RegExp(`${late}|${large}`)],
    [rule('variables.v23.map(a, [a, a, a]).size() == 0', doubling('[1]', 24)), /^failed: the /],
    [
      rule('variables.v30.size() > 0', doubling(text, 31)),
      /^the expression fails: variables\.v30: .*variables\.v25: Invalid string length; found /
    ],
    [rule('object.text.replace("a", object.text).size() == 0'), RegExp(`${late}|${large}`)],
    [rule('object.text.matches("^(a+)+$")'), 'holds'],
    [rule('object.text.matches("^(a|aa)+b$") || true'), 'holds'],
    [rule(`!object.text.matches("${'(a*)*'.repeat(80)}b")`), /^(?:holds|failed: the expressions)/],
    [rule('"%.100000000f".format([1.0]) == ""'), /^the expression fails: /],
    [rule('object.__proto__.polluted == 1'), /^the expression fails: field not found: __proto__; /],
    [rule('{"__proto__": {"a": 1}}.a == 1'), /^the expression fails: field not found: a; /],
    [rule('object.constructor == 1'), /^the expression fails: field not found: constructor; /],
    [rule('has(object.__proto__) || has(object.toString)'), /^the expression is false: /]
  ]
  for (const [hostile, expected] of cases) {
    const before = performance.now()
    const [said = '', after] = await ask(pool, [hostile, good])
    const name = hostile.validations[0]?.expression.slice(0, 60) ?? ''
    if (typeof expected === 'string') t.equal(said, expected, name)
    else t.match(said, expected, name)
    t.equal(after, said.startsWith('failed') ? outOfTurn : 'holds')
    t.ok(performance.now() - before < 60_000, name)
    t.same(await ask(pool, [good]), ['holds'])
  }
  t.ok(children.length > 3, 'those that were ended were replaced')
})

t.test('An expression that needs too much memory kills its process, not the server', async t => {
  const { pool, ended } = watched(t, { limitMs: 60_000 })
  const large = rule('variables.v21.lowerAscii() == ""', doubling('"aaaaaaaaaaaaaaaa"', 22))
  t.same(await ask(pool, [large, good]), [`failed: ${tooMuch}`, outOfTurn])
  t.same(ended, [tooMuch])
  t.same(await ask(pool, [good]), ['holds'])
})

t.test('Repeated rules and deeply nested objects are evaluated or fail', async t => {
  const { pool } = watched(t)
  let deep: JsonObject = {}
  for (let i = 0; i < 50_000; i += 1) deep = { a: deep }
  const [outcome] = await pool.evaluate([good], { ...bindings, object: deep })
  t.match(outcome, { kind: 'failed', reason: 'the object cannot be sent to the evaluator process' })
  t.same(await ask(pool, [good, good]), ['holds', 'holds'])
  const own = JSON.parse('{"__proto__": {"a": 1}, "one": [1]}') as JsonObject
  const [seen] = await pool.evaluate([rule('object.__proto__.a == 1 && !has(object.a)')], {
    ...bindings,
    object: own
  })
  t.same(seen, { kind: 'judged', findings: [] })
})

t.test('Reviews beyond the capacity of the pool are busy', async t => {
  const { pool, children } = watched(t, { size: 2 })
  const asked = Array.from({ length: 258 }, () => ask(pool, [good]))
  const said = await Promise.all(asked)
  t.equal(said.filter(([one]) => one === 'holds').length, 256)
  t.equal(said.filter(([one]) => one === busy).length, 2)
  t.equal(children.length, 2)
})

t.test('A review that waits too long is busy; one that started keeps its time', async t => {
  const { pool } = watched(t, { limitMs: 700 })
  t.same(await ask(pool, [good]), ['holds'])
  t.same(await ask(pool, [good], 149), [busy], 'too little is left to be judged fairly')
  t.same(await ask(pool, [good], -1), [busy])
  const late = 'failed: the expressions took longer than 700 ms'
  const first = ask(pool, [endless])
  const waits = ask(pool, [endless], 10_000)
  const givesUp = ask(pool, [good], 450)
  t.same(await givesUp, [busy])
  t.same(await Promise.all([first, waits]), [[late], [late]])
  t.same(await ask(pool, [good]), ['holds'])
  t.same(await ask(pool, [endless], 1_050), ['failed: the expressions took longer than 500 ms'])
})

t.test(
  'When no process can be started, waiting reviews fail and the next one tries again',
  async t => {
    let script = '/nowhere'
    const { pool, children, ended } = watched(t, {
      start: () => (script === '' ? startEvaluator() : fork(script, { stdio: 'ignore' }))
    })
    t.same(
      await ask(pool, [good, bad]),
      Array(2).fill('failed: the evaluator process cannot be started')
    )
    t.same(ended, [tooMuch])
    t.equal(children.length, 1, 'it is not tried again and again')
    script = ''
    t.same(await ask(pool, [good]), ['holds'])
  }
)

t.test('A process that dies while idle is replaced when it is needed', async t => {
  const { pool, children, ended } = watched(t)
  t.same(await ask(pool, [good]), ['holds'])
  const [child] = children
  child?.kill('SIGINT')
  child?.kill('SIGTERM')
  t.same(await ask(pool, [good]), ['holds'], 'signals to the group do not end it')
  t.equal(children.length, 1)
  child?.kill('SIGKILL')
  if (child !== undefined) await once(child, 'exit')
  t.equal(children.length, 1)
  t.same(await ask(pool, [good]), ['holds'])
  t.same([children.length, ended.length], [2, 1])
})

t.test('A closed pool kills its process and evaluates nothing', async t => {
  const { pool, children, ended } = watched(t)
  t.same(await ask(pool, [good]), ['holds'])
  const [child] = children
  if (child === undefined) throw new Error('no evaluator was started')
  const evaluated = once(child, 'message')
  const both = [ask(pool, [good, endless]), ask(pool, [good])]
  await evaluated
  pool.close()
  const stopped = 'failed: the evaluation was stopped'
  const [first, second] = await Promise.all(both)
  t.same(first?.[1], stopped)
  t.same(second, [stopped])
  t.same(await ask(pool, [good]), [busy])
  pool.warm()
  t.same([children.length, ended], [1, []])
  if (child.signalCode === null) await once(child, 'exit')
  t.equal(child.signalCode, 'SIGKILL')
})
