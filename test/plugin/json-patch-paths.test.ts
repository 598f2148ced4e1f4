import t from 'tap'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { arrayIndex, parsePointer, valueAt } from '../../plugin/json-pointer.ts'
import { add, check, copy, move, needing, patched, remove, replace } from './json-patching.ts'

t.test('array indices are those of RFC 6901', t => {
  const list = { a: ['x', 'y', { z: 1 }] }
  const noIndex = ['01', '00', '1e0', '-1', '+1', '1.0', ' 1', '', '１', 'length', '0x1', '--']
  for (const index of noIndex) {
    const path = `/a/${index}`
    t.equal(patched(list, add(path, 1)), `0: ${JSON.stringify(index)} is not an array index`)
    t.equal(patched(list, add(`${path}/z`, 1)), `0: ${path} does not exist`)
    for (const operation of needing(path))
      t.equal(patched(list, operation), `0: ${path} does not exist`, operation.op)
    t.equal(patched(list, copy('/a/0', path)), `0: ${JSON.stringify(index)} is not an array index`)
    t.equal(patched(list, move('/a/0', path)), `0: ${JSON.stringify(index)} is not an array index`)
  }
  for (const path of ['/a/-', '/a/3', '/a/9007199254740993']) {
    for (const operation of needing(path))
      t.equal(patched(list, operation), `0: ${path} does not exist`, operation.op)
  }
  t.equal(patched(list, add('/a/4', 1)), '0: index 4 is beyond the end of the list')
  t.equal(patched(list, move('/a/0', '/a/3')), '0: index 3 is beyond the end of the list')
  t.same(patched(list, add('/a/3', 1)), { a: ['x', 'y', { z: 1 }, 1] })
  t.same(patched(list, add('/a/0', 1)), { a: [1, 'x', 'y', { z: 1 }] })
  t.same(patched(list, move('/a/0', '/a/-')), { a: ['y', { z: 1 }, 'x'] })
  t.same(patched(list, replace('/a/2/z', 2)), { a: ['x', 'y', { z: 2 }] })
  t.same(patched({ a: { '01': 1, '-': 2 } }, replace('/a/01', 3), remove('/a/-')), {
    a: { '01': 3 }
  })
  t.same([arrayIndex('10'), arrayIndex('010'), arrayIndex('-')], [10, undefined, undefined])
  t.end()
})

t.test('pointers are those of RFC 6901 section 5', t => {
  const document = {
    foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'e^f': 3, 'g|h': 4, 'i\\j': 5, 'k"l': 6, ' ': 7, 'm~n': 8
  } // prettier-ignore
  const cases: readonly [string, JsonValue][] = [
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8]
  ]
  for (const [pointer, expected] of cases)
    t.same(valueAt(document, parsePointer(pointer) ?? ['none']), expected, pointer)
  for (const pointer of ['foo', '/m~n', '/m~', '/m~2n', '#/foo', ' /foo']) {
    t.equal(parsePointer(pointer), undefined, pointer)
    const refusal = `0: ${JSON.stringify(pointer)} is not a JSON Pointer`
    for (const operation of [...needing(pointer), add(pointer, 1), move('/foo', pointer)])
      t.equal(patched(document, operation), refusal, operation.op)
  }
  t.end()
})

t.test('members that JavaScript adds to every object do not exist', t => {
  const inherited = ['hasOwnProperty', 'constructor', 'toString', 'valueOf', '__defineGetter__']
  const methods = Object.getOwnPropertyNames(Object.prototype)
  t.ok(inherited.every(name => methods.includes(name)))
  for (const name of methods.filter(method => method !== '__proto__')) {
    const places = [
      [{ a: {} }, `/a/${name}`],
      [{ a: [] }, `/a/${name}`],
      [{}, `/${name}`]
    ] as const
    for (const [document, path] of places) {
      const below = [add(`${path}/call`, 1), copy('', `${path}/call`), ...needing(`${path}/call`)]
      for (const operation of [...needing(path), ...below])
        t.match(patched(document, operation), / does not exist$/, `${operation.op} ${path}`)
    }
    t.strictSame(
      patched({ data: {} }, add(`/data/${name}`, 'x')),
      { data: Object.fromEntries([[name, 'x']]) },
      `a ConfigMap takes a key ${name}`
    )
    const own = { data: Object.fromEntries([[name, 'x']]) }
    t.strictSame(patched(own, remove(`/data/${name}`)), { data: {} })
    t.strictSame(patched(own, check(`/data/${name}`, 'x'), move(`/data/${name}`, '/data/y')), {
      data: { y: 'x' }
    })
    t.equal(
      JSON.stringify(
        patched(own, replace(`/data/${name}`, { call: 1 }), add(`/data/${name}/b`, 2))
      ),
      `{"data":{"${name}":{"call":1,"b":2}}}`
    )
  }
  for (const path of ['/a/push', '/a/length', '/a/concat/call'])
    t.match(patched({ a: [1] }, replace(path, 0)), / does not exist$/, path)
  t.equal(Object.prototype.hasOwnProperty.call({ a: 1 }, 'a'), true, 'the built-ins are as before')
  t.end()
})

t.test('the key __proto__ is refused, as it is in YAML', t => {
  const own = JSON.parse('{"a":{"__proto__":{"x":1}}}') as JsonObject
  const refusal = '0: the key "__proto__" is not accepted'
  for (const document of [own, { a: {} }]) {
    for (const path of ['/a/__proto__', '/a/__proto__/x', '/__proto__']) {
      for (const operation of [...needing(path), add(path, {}), copy('/a', path), move('/a', path)])
        t.equal(patched(document, operation), refusal, `${operation.op} ${path}`)
    }
  }
  t.equal(Object.getPrototypeOf({}), Object.prototype)
  t.same(Object.keys(Object.prototype), [])
  t.end()
})
