import fc from 'fast-check'
import t from 'tap'
import { Fault } from '../../common/fault.ts'
import { isJsonObject, stringifyJson } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { jsonPatch } from '../../plugin/patch/json-patch.ts'
import type { Operation } from '../../plugin/patch/patch.ts'
import { faultText } from '../fault-text.ts'
import { add, check, copy, move, patched, remove, replace } from './json-patching.ts'

type Case = readonly [string, JsonObject, readonly Operation[], unknown]

t.test('the examples of RFC 6902 appendix A', t => {
  const cases: readonly Case[] = [
    [
      'A.1 adding an object member',
      { foo: 'bar' },
      [add('/baz', 'qux')],
      { baz: 'qux', foo: 'bar' }
    ],
    [
      'A.2 adding an array element',
      { foo: ['bar', 'baz'] },
      [add('/foo/1', 'qux')],
      { foo: ['bar', 'qux', 'baz'] }
    ],
    ['A.3 removing an object member', { baz: 'qux', foo: 'bar' }, [remove('/baz')], { foo: 'bar' }],
    [
      'A.4 removing an array element',
      { foo: ['bar', 'qux', 'baz'] },
      [remove('/foo/1')],
      { foo: ['bar', 'baz'] }
    ],
    [
      'A.5 replacing a value',
      { baz: 'qux', foo: 'bar' },
      [replace('/baz', 'boo')],
      { baz: 'boo', foo: 'bar' }
    ],
    [
      'A.6 moving a value',
      { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
      [move('/foo/waldo', '/qux/thud')],
      { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } }
    ],
    [
      'A.7 moving an array element',
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [move('/foo/1', '/foo/3')],
      { foo: ['all', 'cows', 'eat', 'grass'] }
    ],
    [
      'A.8 testing a value: success',
      { baz: 'qux', foo: ['a', 2, 'c'] },
      [check('/baz', 'qux'), check('/foo/1', 2)],
      { baz: 'qux', foo: ['a', 2, 'c'] }
    ],
    [
      'A.9 testing a value: error',
      { baz: 'qux' },
      [check('/baz', 'bar')],
      '0: the value at the path differs'
    ],
    [
      'A.10 adding a nested member object',
      { foo: 'bar' },
      [add('/child', { grandchild: {} })],
      { foo: 'bar', child: { grandchild: {} } }
    ],
    [
      'A.11 ignoring unrecognized elements',
      { foo: 'bar' },
      [{ ...add('/baz', 'qux'), xyz: 123 } as Operation],
      { foo: 'bar', baz: 'qux' }
    ],
    [
      'A.12 adding to a nonexistent target',
      { foo: 'bar' },
      [add('/baz/bat', 'qux')],
      '0: /baz does not exist'
    ],
    ['A.14 ~ escape ordering', { '/': 9, '~1': 10 }, [check('/~01', 10)], { '/': 9, '~1': 10 }],
    [
      'A.15 comparing strings and numbers',
      { '/': 9, '~1': 10 },
      [check('/~01', '10')],
      '0: the value at the path differs'
    ],
    [
      'A.16 adding an array value',
      { foo: ['bar'] },
      [add('/foo/-', ['abc', 'def'])],
      { foo: ['bar', ['abc', 'def']] }
    ]
  ]
  for (const [name, document, operations, expected] of cases)
    t.strictSame(patched(document, ...operations), expected, name)
  t.end()
})

t.test('every operation on members, items and the whole document', t => {
  const cases: readonly Case[] = [
    ['add replaces a member', { a: 1 }, [add('/a', { b: null })], { a: { b: null } }],
    ['add puts an item at the end', { a: [1] }, [add('/a/1', 2)], { a: [1, 2] }],
    ['add replaces the document', { a: 1 }, [add('', { b: 1 })], { b: 1 }],
    ['add takes false, null and ""', { a: [] }, [add('/a/-', false), add('/a/-', null), add('/a/-', '')], { a: [false, null, ''] }],
    ['add at an empty key', { a: 1 }, [add('/', 2)], { a: 1, '': 2 }],
    ['add below a string', { a: 'x' }, [add('/a/b', 1)], '0: /a is neither an object nor a list'],
    ['add below a number', { a: 1 }, [add('/a/b', 1)], '0: /a is neither an object nor a list'],
    ['add below null', { a: null }, [add('/a/b', 1)], '0: /a is neither an object nor a list'],
    ['add below a character', { a: 'x' }, [add('/a/0/b', 1)], '0: /a/0 does not exist'],
    ['replace keeps the order', { a: 1, b: 2 }, [replace('/a', 3)], { a: 3, b: 2 }],
    ['replace an item', { a: [1, 2] }, [replace('/a/0', 3)], { a: [3, 2] }],
    ['replace the document', { a: 1 }, [replace('', { b: 1 })], { b: 1 }],
    ['replace nothing', { a: 1 }, [replace('/b', 3)], '0: /b does not exist'],
    ['replace by a string', { a: 1 }, [replace('', 'x')], 'the patched document must be an object'],
    ['remove a null', { a: null, b: 1 }, [remove('/a')], { b: 1 }],
    ['remove nothing', { a: 1 }, [remove('/b')], '0: /b does not exist'],
    ['remove below null', { a: null }, [remove('/a/b')], '0: /a/b does not exist'],
    ['remove a character', { a: 'x' }, [remove('/a/0')], '0: /a/0 does not exist'],
    ['remove the document', { a: 1 }, [remove('')], '0: the whole document cannot be removed'],
    ['move over a member', { a: 1, b: 2 }, [move('/a', '/b')], { b: 1 }],
    ['move onto itself', { a: 1 }, [move('/a', '/a')], { a: 1 }],
    ['move to a name with the same start', { a: 1 }, [move('/a', '/ab')], { ab: 1 }],
    ['move into itself', { a: { b: 1 } }, [move('/a', '/a/c')], '0: a value cannot be moved into itself'],
    ['move the document into itself', { a: 1 }, [move('', '/a')], '0: a value cannot be moved into itself'],
    ['move a member up to the document', { a: { b: 1 } }, [move('/a', '')], { b: 1 }],
    ['move nothing', { a: 1 }, [move('/b', '/c')], '0: /b does not exist'],
    ['move counts indices after the removal', { a: [{}, { b: 1 }] }, [move('/a/0', '/a/0/c')], '0: a value cannot be moved into itself'],
    ['move below the next item', { a: [1, 2, {}] }, [move('/a/0', '/a/1/c')], { a: [2, { c: 1 }] }],
    ['move below what it removes', { a: [1, {}] }, [move('/a/0', '/a/1/c')], '0: /a/1 does not exist'],
    ['copy a member', { a: { b: 1 } }, [copy('/a', '/c'), add('/c/d', 2)], { a: { b: 1 }, c: { b: 1, d: 2 } }],
    ['copy the document into itself', { a: 1 }, [copy('', '/b')], { a: 1, b: { a: 1 } }],
    ['copy a null', { a: null }, [copy('/a', '/b')], { a: null, b: null }],
    ['copy nothing', { a: 1 }, [copy('/b', '/c')], '0: /b does not exist'],
    ['test the document', { a: 1 }, [check('', { a: 1 })], { a: 1 }],
    ['test nothing', { a: 1 }, [check('/b', null)], '0: /b does not exist'],
    ['no operation', { a: 1 }, [], { a: 1 }],
    ['no value', { a: 1 }, [{ op: 'add', path: '/b' }], '0: "value" is missing'],
    ['no value to replace by', { a: 1 }, [{ op: 'replace', path: '/a' }], '0: "value" is missing'],
    ['no value to test', { a: 1 }, [{ op: 'test', path: '/a' }], '0: "value" is missing'],
    ['no source to move', { a: 1 }, [{ op: 'move', path: '/b' }], '0: "from" is missing'],
    ['no source to copy', { a: 1 }, [{ op: 'copy', path: '/b' }], '0: "from" is missing']
  ] // prettier-ignore
  for (const [name, document, operations, expected] of cases)
    t.strictSame(patched(document, ...operations), expected, name)
  t.end()
})

t.test('test compares whole values', t => {
  const large = 9_007_199_254_740_993n
  const values: readonly JsonValue[] = [
    null, false, true, 0, 1, 1.5, large, large + 2n, '', '1', String(large), [], [1], [1, 2], [[1]],
    {}, { a: 1 }, { a: 2 }, { b: 1 }, { a: 1, b: 1 }, { a: { b: [large] } }, { a: { b: [large + 2n] } }
  ] // prettier-ignore
  for (const [at, value] of values.entries()) {
    for (const [other, expected] of values.entries()) {
      t.strictSame(
        patched({ value }, check('/value', expected)),
        at === other ? { value } : '0: the value at the path differs'
      )
    }
  }
  t.strictSame(patched({ a: { b: 1, c: 2 } }, check('/a', { c: 2, b: 1.0 })), {
    a: { b: 1, c: 2 }
  })
  t.end()
})

t.test('all operations apply, or none', t => {
  const target = { a: [1, 2], b: { c: 'x' }, large: 9_007_199_254_740_993n }
  t.strictSame(patched(target, add('/a/-', 3), check('/b/c', 'x'), remove('/b/c')), {
    a: [1, 2, 3],
    b: {},
    large: 9_007_199_254_740_993n
  })
  t.strictSame(
    patched(target, copy('/large', '/b/d'), replace('/large', -9_223_372_036_854_775_808n)),
    {
      a: [1, 2],
      b: { c: 'x', d: 9_007_199_254_740_993n },
      large: -9_223_372_036_854_775_808n
    }
  )
  t.equal(patched(target, add('/a/-', 3), remove('/b/c'), remove('/b/c')), '2: /b/c does not exist')
  t.equal(
    faultText(() => jsonPatch(target, [{ op: 'replace', path: '/nope/x', value: 1 }])),
    'JSON patch operation 0 failed: /nope/x does not exist [PATCH_FAILED]\n  found:    replace /nope/x'
  )
  t.equal(
    faultText(() => jsonPatch(target, [move('/nope/x', '/y')])),
    'JSON patch operation 0 failed: /nope/x does not exist [PATCH_FAILED]\n  found:    move /y from /nope/x'
  )
  t.end()
})

t.test('values cannot nest without bound', t => {
  // Each copy of the document into its innermost object doubles its depth.
  const doublings = Array.from({ length: 16 }, (_, at) => copy('', '/a'.repeat(2 ** (at + 1))))
  const tooDeep = 'the document would nest more than 200 levels'
  t.equal(patched({ a: {} }, ...doublings), `6: ${tooDeep}`)
  const nested = (levels: number): JsonObject => (levels === 1 ? {} : { a: nested(levels - 1) })
  t.same(patched({}, add('/a', nested(199))), nested(200))
  t.equal(patched({}, add('/a', nested(200))), `0: ${tooDeep}`)
  t.equal(patched({ a: 1 }, replace('/a', nested(200))), `0: ${tooDeep}`)
  t.equal(
    patched(nested(200), move('/a', '/b'), add('/c', {}), move('/b', '/c/b')),
    `2: ${tooDeep}`
  )
  t.end()
})

t.test('copies cannot grow a document without bound', t => {
  const doublings = Array.from({ length: 64 }, (_, at) => copy('', `/copy${at}`))
  t.equal(patched({ a: 1 }, ...doublings), '15: the patch copies more than 100000 values')
  t.equal(
    patched({ a: new Array<number>(200_000).fill(1) }, copy('/a', '/b')),
    '0: the patch copies more than 100000 values'
  )
  t.end()
})

t.test('any patch of any document ends in a document or in a fault', t => {
  const keys = ['a', 'b', '', '0', '1', '-', '01', 'constructor', '~']
  const key = fc.constantFrom(...keys)
  const { tree } = fc.letrec<{ tree: JsonValue }>(tie => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(null, 0, 'x', true, 9_007_199_254_740_993n),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 3 })
    )
  }))
  const token = fc.constantFrom(...keys, '__proto__').map(name => `/${name.replace('~', '~0')}`)
  const pointer = fc.oneof(
    fc.array(token, { maxLength: 3 }).map(tokens => tokens.join('')),
    fc.string({ maxLength: 4 })
  )
  const operation: fc.Arbitrary<Operation> = fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
      path: pointer,
      from: pointer,
      value: tree
    },
    { requiredKeys: ['op', 'path'] }
  )
  const property = fc.property(
    fc.dictionary(key, tree),
    fc.array(operation, { maxLength: 4 }),
    (document, operations) => {
      const before = stringifyJson([document, operations as unknown as JsonValue])
      try {
        return isJsonObject(jsonPatch(document, operations))
      } catch (error) {
        return error instanceof Fault && error.code === 'PATCH_FAILED'
      } finally {
        t.equal(stringifyJson([document, operations as unknown as JsonValue]), before)
      }
    }
  )
  fc.assert(property, { numRuns: 500 })
  t.end()
})
