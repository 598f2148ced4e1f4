import t from 'tap'
import { compileProgram } from '../../../webhook/cel/program.ts'
import type { CelOptions } from '../../../webhook/policy/model-policy.ts'
import { faultText } from '../../fault-text.ts'
import { cpuMs } from '../../cpu-ms.ts'
import { judge } from './judge-expression.ts'

t.test('A true expression is not a violation', t => {
  const expressions = [
    'object.spec.replicas + 1 == 4',
    'object.spec.replicas % 2 == 1',
    'object.spec.replicas / 2 == 1',
    'type(object.spec.replicas) == int && type(object.spec.ratio) == double',
    'object.spec.replicas == 3.0 && object.spec.replicas < 3.5',
    'object.spec.big == 9007199254740993',
    'type(object.spec.beyond) == double && type(object.spec.bigger) == double',
    'object.spec.least == -9223372036854775808 && object.spec.least < -9223372036854775807',
    'object.spec.images[object.spec.replicas - 1] == "c"',
    'object["spec"]["replicas"] == 3',
    'object.spec.ports.all(p, p.port > 0 && p.port < 65536)',
    'object.spec.ports.map(p, p.port) == [80, 443]',
    'object.spec.images.filter(i, i.contains(":")).size() == 2',
    'object.spec.images.exists_one(i, i == "c")',
    'object.spec.images.all(a, object.spec.images.exists(b, a == b))',
    'size("añ🙂") == 3',
    'has(object.metadata.labels) && "team" in object.metadata.labels',
    '!has(object.spec.missing) && !has(object.spec.none) && object.spec.none == null',
    'object.spec.constructor == "own" && !has(object.constructor) && !has(object.__proto__)',
    'oldObject == null && attestation == null',
    'request.operation == "CREATE" && "dev" in request.userInfo.groups',
    'timestamp("2026-11-24T00:00:00Z") - timestamp("2026-11-23T00:00:00Z") == duration("24h")',
    '"ghcr.io/acme/x".matches("^ghcr\\\\.io/") && "xay".matches("a")',
    '"tag-12 and 7".find("[0-9]+") == "12" && "x".find("y") == ""',
    '"tag-12 and 7".findAll("[0-9]+") == ["12", "7"]',
    '"A-b".lowerAscii().split("-").join("+") == "a+b"',
    'strings.quote("a") == "\\"a\\""',
    'type(true) == bool && type([]) == list && type({}) == map && type(int) == type',
    'type(null) == null_type && type("") == string',
    `!"a".matches("${'x'.repeat(512)}")`,
    'cond ? 1 == 1 : false'.replace('cond', 'object.spec.replicas > 1'),
    'object.spec.missing == 1 || true'
  ]
  for (const expression of expressions) t.same(judge(expression), [], expression)
  t.end()
})

t.test('An expression that is false, fails or is not a boolean is a violation', t => {
  const cases: readonly (readonly [string, string])[] = [
    ['object.spec.replicas > 3', 'the expression is false: object.spec.replicas > 3'],
    [
      'object.spec.missing > 3',
      'the expression fails: field not found: missing; found object.spec.missing > 3; fix: check with has() that the field exists'
    ],
    ['object.constructor == 1', 'the expression fails: field not found: constructor; found object'],
    ['object.__proto__ != null', 'the expression fails: field not found: __proto__; found object'],
    ['object.spec.replicas', 'the expression returns int, not true or false; found object.spec'],
    ['"true"', 'the expression returns string, not true or false; found "true"'],
    ['null', 'the expression returns null_type, not true or false; found null'],
    ['object.spec.images[3] == ""', 'the expression fails: index 3 out of bounds'],
    ['object.spec.replicas + 0.5 > 1.0', 'the expression fails: found no matching overload'],
    ['1 / (object.spec.replicas - 3) == 1', 'the expression fails: int divide by zero'],
    ['9223372036854775807 + object.spec.replicas > 0', 'the expression fails: int overflow'],
    ['"a".matches(1)', 'the expression fails: found no matching overload'],
    ['"a".matches("(" + object.metadata.name)', 'the expression fails: error parsing regexp'],
    [
      `"a".matches(object.spec.cpu + "${'x'.repeat(512)}")`,
      'the expression fails: a regular expression has at most 512 characters'
    ],
    ['attestation.commit == "c"', 'the expression fails: field not found: commit'],
    ['oldObject.spec == object.spec', 'the expression fails: field not found: spec']
  ]
  for (const [expression, problem] of cases) {
    const [found = '', ...rest] = judge(expression)
    t.same(rest, [])
    t.ok(found.startsWith(`Job: ${problem}`), `${expression} says ${found}`)
  }
  t.same(judge('1 / 0 == 1'), ['Job: the expression fails: int divide by zero; found 1 / 0 == 1'])
  t.end()
})

t.test('Patterns that would block a backtracking engine run in linear time', t => {
  const name = `${'a'.repeat(50_000)}!`
  const patterns = ['^(a+)+$', '^(a|aa)*$', '^(a|a)*$', '^([a-zA-Z]+)*$', '(.*a){20}$']
  for (const pattern of patterns) {
    const before = cpuMs()
    judge(`object.name.matches("${pattern}")`, { object: { name } })
    t.ok(cpuMs() - before < 5_000, pattern)
  }
  t.end()
})

t.test('Metrics of an attestation are doubles, its counts are ints', t => {
  const biasAudit = { attributes: [{ groups: 2, metrics: { demographic_parity_ratio: 1 } }] }
  const attestation = { commit: 'c', biasAudit }
  const expression =
    'attestation.biasAudit.attributes.all(a, a.groups % 2 == 0 && a.metrics.demographic_parity_ratio - 0.5 == 0.5)'
  t.same(judge(expression, { attestation }), [])
  t.same(judge('object.metrics.a % 2 == 1', { object: { metrics: { a: 1 } } }), [])
  t.end()
})

t.test('Variables see earlier variables and are evaluated on first use', t => {
  const variables = [
    { name: 'broken', expression: 'object.spec.missing' },
    { name: 'ports', expression: 'object.spec.ports.map(p, p.port)' },
    { name: 'first', expression: 'variables.ports[0]' }
  ]
  const says = (expression: string) => judge({ variables, validations: [{ expression }] })
  t.same(says('variables.first == 80'), [])
  t.same(says('object.spec.ports.all(p, p.port in variables.ports)'), [])
  t.same(says('has(object.spec.missing) ? variables.broken : true'), [])
  t.same(says('variables.broken == 1'), [
    'Job: the expression fails: variables.broken: field not found: missing; found variables.broken == 1; fix: check with has() that the field exists'
  ])
  t.end()
})

t.test('A violation has its message and its field', t => {
  const says = (more: Partial<CelOptions['validations'][number]>) =>
    judge({ validations: [{ expression: 'object.spec.replicas\n  > 3', ...more }] })
  t.same(says({}), ['Job: the expression is false: object.spec.replicas > 3'])
  t.same(judge('\nobject.spec.replicas > 3\n'), says({}))
  t.same(says({ message: 'too few', field: 'spec.replicas' }), ['spec.replicas: too few'])
  const messageExpression = '"has " + string(object.spec.replicas) + " replicas"'
  t.same(says({ message: 'too few', messageExpression }), ['Job: has 3 replicas'])
  for (const broken of ['object.spec.missing', '1', '" "', '"a\\nb"']) {
    t.same(says({ message: 'too few', messageExpression: broken }), ['Job: too few'], broken)
  }
  t.same(judge('false', { object: {} }), ['object: the expression is false: false'])
  const all = ['true', 'false', '1', 'object.no'].map(expression => ({ expression }))
  t.equal(judge({ validations: all }).length, 3)
  t.end()
})

t.test('An expression that can never be evaluated is refused with its place and reason', t => {
  const cases: readonly (readonly [string, string])[] = [
    ['a &&', 'line 1, column 3: found & but expecting end of input'],
    ['object.spec\n  .x ==', 'line 2, column 6: found = but expecting end of input'],
    [
      'object.spce.x == foo',
      'line 1, column 18: foo is not defined (known: variables.NAME, object'
    ],
    ['params.x == 1', 'line 1, column 1: params is not defined (known: '],
    ['constructor == 1', 'line 1, column 1: constructor is not defined (known: '],
    [
      'variables.a',
      'line 1, column 10: variables.a is not defined before this expression (known: b, c) [CEL_INVALID]'
    ],
    ['variables == {}', 'line 1, column 1: variables is not defined (known: '],
    ['has(variables.b)', 'line 1, column 1: has() of a variable is always true'],
    [
      `${'\n'.repeat(9)}${' '.repeat(9)}a &&`,
      'line 10, column 12: found & but expecting end of input'
    ],
    ['foo.all(x, x)', 'line 1, column 1: foo is not defined (known: '],
    ['{"a": foo} == {}', 'line 1, column 7: foo is not defined (known: '],
    ['{foo: 1} == {}', 'line 1, column 2: foo is not defined (known: '],
    [
      'url("http://a") == 1',
      'line 1, column 1: there is no function url with 1 argument [CEL_INVALID]'
    ],
    ['uint("1") == uint("1")', 'line 1, column 1: there is no function uint with 1 argument'],
    ['object.a.foo()', 'line 1, column 9: there is no function foo with 0 arguments'],
    ['object.l.all(i, v, v > i)', 'line 1, column 9: there is no function all with 3 arguments'],
    ['bytes("a") == bytes("b")', 'line 1, column 1: there is no function bytes with 1 argument'],
    ['b"a" == b"b"', 'line 1, column 1: bytes are not supported'],
    ['1u == 1u', 'line 1, column 1: uints are not supported'],
    ['1 < 9223372036854775808', 'line 1, column 5: the int is out of range'],
    ['object.spec.replicas > 1e999', 'line 1, column 24: the double is out of range'],
    ['google.protobuf.Value{} == null', 'line 1, column 1: messages are not supported'],
    ['"a".matches("(")', 'line 1, column 13: error parsing regexp: missing closing ): `(`'],
    ['"a".matches("a(?=b)")', 'line 1, column 13: error parsing regexp'],
    [
      `"a".matches("${'x'.repeat(513)}")`,
      'line 1, column 13: a regular expression has at most 512 characters'
    ],
    [
      '[1].all(object, object > 0)',
      'line 1, column 4: object cannot be the name of a loop variable'
    ],
    [
      '[1].all(variables, true)',
      'line 1, column 4: variables cannot be the name of a loop variable'
    ],
    [
      '[1].all(a, [1].all(b, [1].all(c, a + b + c > 0)))',
      'line 1, column 26: all, exists, map and filter nest at most 2 deep'
    ],
    [
      `${'('.repeat(2_000)}1${')'.repeat(2_000)}`,
      'line 1, column 1: the expression nests too deep'
    ],
    [
      `${'['.repeat(130)}1${']'.repeat(130)} == []`,
      'line 1, column 128: the expression nests deeper than 128'
    ]
  ]
  const variables = ['b', 'c'].map(name => ({ name, expression: '1' }))
  for (const [expression, reason] of cases) {
    const text = faultText(() => compileProgram({ variables, validations: [{ expression }] }))
    t.ok(text.startsWith(`validations[0].expression, ${reason}`), `${expression} says ${text}`)
  }
  t.equal(
    faultText(() => compileProgram({ variables: [...variables, ...variables], validations: [] })),
    'variables[2]: the variable b is defined twice [CEL_INVALID]'
  )
  t.equal(
    faultText(() => compileProgram({ validations: [{ expression: 'variables.a' }] })),
    'validations[0].expression, line 1, column 10: variables.a is not defined before this expression (known: none) [CEL_INVALID]'
  )
  t.match(
    faultText(() =>
      compileProgram({ variables: [{ name: 'a', expression: '(' }], validations: [] })
    ),
    /^variables\[0\]\.expression, line 1, column 2: /
  )
  const validations = [{ expression: 'true', messageExpression: 'foo' }]
  t.match(
    faultText(() => compileProgram({ validations })),
    /^validations\[0\]\.messageExpression, line 1, column 1: foo is not defined/
  )
  t.end()
})

t.test('The fault for optionals names has() as the replacement', t => {
  const remedy =
    '\n  remedy:   optionals (.?, [?, orValue) are not supported: use has(), as in has(object.a) ? object.a : 0'
  for (const expression of [
    'object.?a == 1',
    'object.a[?0] == 1',
    '[?object.a] == []',
    '{?"a": object.a} == {}',
    'object.a.orValue(1) == 1',
    'optional.none() == 1'
  ]) {
    const text = faultText(() => compileProgram({ validations: [{ expression }] }))
    t.ok(text.endsWith(remedy), `${expression} says ${text}`)
  }
  for (const expression of ['true ? : 1', 'foo == (true ?1 : 2)']) {
    const text = faultText(() => compileProgram({ validations: [{ expression }] }))
    t.notMatch(text, 'remedy', expression)
  }
  t.end()
})
