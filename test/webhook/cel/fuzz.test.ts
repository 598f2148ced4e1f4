import fc from 'fast-check'
import t from 'tap'
import { Fault } from '../../../common/fault.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { compileProgram } from '../../../webhook/cel/program.ts'
import type { CelBindings } from '../../../webhook/cel/program.ts'
import type { Finding } from '../../../webhook/decision.ts'
import { cpuMs } from '../../cpu-ms.ts'

const bindings: CelBindings = { object: {}, oldObject: null, request: {}, attestation: null }

function judge(expression: string, object: JsonObject = {}): readonly Finding[] {
  return compileProgram({ validations: [{ expression }] })({ ...bindings, object })
}

const written = [
  'object.spec.replicas + 1 == 4 && has(object.metadata.labels)',
  'object.spec.images.all(a, object.spec.images.exists(b, a == b && a.matches("^a+$")))',
  '"a-b".split("-").map(x, x.upperAscii()).join("+").find("[A-Z]")  != "" ? [1, 2][0] : {"a": 1}.a',
  'quantity(object.spec.memory).isGreaterThan(quantity("1.5Gi")) || timestamp("2026-01-01T00:00:00Z").getHours() > -1'
]
const pieces = [
  ...['object', 'variables', 'request', '__proto__', 'constructor', 'has', 'all', 'filter', 'x'],
  ...['.', '.?', '[', ']', '(', ')', '{', '}', ',', '?', ':', '!', '-', '+', '*', '/', '%', '"'],
  ...['==', '!=', '<=', '&&', '||', ' in ', '1', '0', '1.5', '9223372036854775808', '1e400', '1u'],
  ...['true', 'null', '"a"', "'''", 'b"a"', 'r"\\', '\\u{110000}', '\n', '\t', '//', '\ud800', '`']
]

const text = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 12 }).map(all => all.join('')),
  fc
    .tuple(
      fc.constantFrom(...written),
      fc.array(fc.tuple(fc.nat(120), fc.nat(9), fc.constantFrom(...pieces)), { maxLength: 2 })
    )
    .map(([start, edits]) =>
      edits.reduce((now, [at, cut, piece]) => now.slice(0, at) + piece + now.slice(at + cut), start)
    ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
)

const place = /^validations\[0\]\.expression, line \d+, column \d+: [^]+$/

t.test('Any expression either is refused with its place, or evaluates', t => {
  let refused = 0
  fc.assert(
    fc.property(text, fc.jsonValue(), (expression, value) => {
      const before = cpuMs()
      try {
        const object = { spec: value as JsonValue, metadata: {} }
        const findings = judge(expression, object)
        // An expression with a contradiction is false, whatever else it contains.
        const never = judge(`(${expression.replace(/\/\/.*$/, '')}\n) && false`, object)
        if (findings.length > 1 || never.length !== 1) return false
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'CEL_INVALID') throw error
        if (!place.test(error.message)) return false
        refused += 1
      }
      return cpuMs() - before < 5_000
    }),
    { seed: 11, numRuns: 3_000 }
  )
  t.ok(refused > 500 && refused < 2_700, `${refused} of 3000 were refused`)
  t.end()
})

interface Term {
  readonly text: string
  /** Undefined where it has none: a division by zero, or what no int64 holds. */
  readonly value: bigint | undefined
}

const operators: readonly (readonly [string, (a: bigint, b: bigint) => bigint | undefined])[] = [
  ['+', (a, b) => a + b],
  ['-', (a, b) => a - b],
  ['*', (a, b) => a * b],
  ['/', (a, b) => (b === 0n ? undefined : a / b)],
  ['%', (a, b) => (b === 0n ? undefined : a % b)]
]

const inRange = (value: bigint | undefined) =>
  value !== undefined && value === BigInt.asIntN(64, value) ? value : undefined

const int = fc.oneof(fc.bigInt(-9n, 9n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n))

const { term } = fc.letrec<{ term: Term }>(tie => ({
  term: fc.oneof(
    { maxDepth: 4 },
    int.map(value => ({ text: value.toString(), value })),
    fc.tuple(tie('term'), fc.constantFrom(...operators), tie('term')).map(([a, operator, b]) => {
      const [sign, apply] = operator
      const value =
        a.value === undefined || b.value === undefined ? undefined : apply(a.value, b.value)
      return { text: `(${a.text} ${sign} ${b.text})`, value: inRange(value) }
    })
  )
}))

t.test('Integers are int64, and an overflow is never true', t => {
  fc.assert(
    fc.property(term, ({ text, value }) => {
      const expected = value ?? 0n
      const object = { expected, other: expected === 0n ? 1n : expected - 1n }
      const [same, differs] = ['expected', 'other'].map(name =>
        judge(`${text} == object.${name}`, object)
      )
      if (differs?.length !== 1) return false
      return value === undefined
        ? same?.[0]?.problem.startsWith('the expression fails: ') === true
        : same?.length === 0
    }),
    { seed: 12, numRuns: 1_000 }
  )
  t.end()
})

t.test('has() finds exactly the members of an object, whatever their names', t => {
  const names = fc.oneof(
    fc.constantFrom('__proto__', 'constructor', 'toString', 'length', 'hasOwnProperty', 'size'),
    fc.string({ maxLength: 8 })
  )
  fc.assert(
    fc.property(fc.array(names, { maxLength: 6 }), names, fc.integer(), (all, asked, value) => {
      const object = Object.fromEntries(all.map(name => [name, value])) as JsonObject
      const key = JSON.stringify(asked).replace(/\u007f/g, '\\u007f')
      const holds = (expression: string) => judge(expression, object).length === 0
      const isThere = all.includes(asked)
      return (
        holds(`${key} in object`) === isThere &&
        holds(`object[${key}] == ${value}`) === isThere &&
        holds(`object.size() == ${new Set(all).size}`)
      )
    }),
    { seed: 13, numRuns: 1_000 }
  )
  t.end()
})
