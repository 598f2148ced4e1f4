import t from 'tap'
import type { JsonObject } from '../../common/json.ts'
import { mergePatch } from '../../plugin/patch/merge-patch.ts'
import { strategicMerge } from '../../plugin/patch/strategic-merge.ts'
import { applyPatches } from '../../plugin/patch/apply.ts'
import { pathPattern } from '../../plugin/repository/glob.ts'
import { faultText } from '../fault-text.ts'

t.test('strategic merge patches apply as in Kubernetes', t => {
  const cases: readonly [string, JsonObject, JsonObject, JsonObject][] = [
    ['null removes', { a: 1, b: 2 }, { a: null }, { b: 2 }],
    ['objects merge', { a: { b: 1 } }, { a: { c: 2 } }, { a: { b: 1, c: 2 } }],
    ['other lists are replaced', { args: [1, 2] }, { args: [3] }, { args: [3] }],
    [
      'containers merge by name, the patch first',
      { containers: [{ name: 'a', image: 'x' }, { name: 'b' }] },
      { containers: [{ name: 'c' }, { name: 'a', tty: true }] },
      { containers: [{ name: 'c' }, { name: 'a', image: 'x', tty: true }, { name: 'b' }] }
    ],
    [
      'ports merge by container port',
      { ports: [{ containerPort: 1, name: 'p' }] },
      { ports: [{ containerPort: 1, name: 'q' }] },
      { ports: [{ containerPort: 1, name: 'q' }] }
    ],
    [
      'an item without its key makes a list plain',
      { volumes: [{ name: 'a' }] },
      { volumes: [{ x: 1 }] },
      { volumes: [{ x: 1 }] }
    ],
    [
      'delete an item',
      { env: [{ name: 'a' }, { name: 'b' }] },
      { env: [{ name: 'a', $patch: 'delete' }] },
      { env: [{ name: 'b' }] }
    ],
    [
      'replace a list',
      { env: [{ name: 'a' }] },
      { env: [{ $patch: 'replace' }, { name: 'b' }] },
      { env: [{ name: 'b' }] }
    ],
    ['replace an object', { a: { b: 1 } }, { a: { $patch: 'replace', c: 2 } }, { a: { c: 2 } }],
    ['delete an object', { a: { b: 1 }, c: 1 }, { a: { $patch: 'delete' } }, { c: 1 }],
    ['delete everything', { a: 1 }, { $patch: 'delete' }, {}],
    [
      'finalizers are joined',
      { metadata: { finalizers: ['a'] } },
      { metadata: { finalizers: ['b'] } },
      { metadata: { finalizers: ['b', 'a'] } }
    ],
    [
      'the finalizers of a Namespace are replaced',
      { kind: 'Namespace', spec: { finalizers: ['a'] } },
      { spec: { finalizers: ['b'] } },
      { kind: 'Namespace', spec: { finalizers: ['b'] } }
    ],
    [
      'the CIDRs of a Node are joined',
      { apiVersion: 'v1', kind: 'Node', spec: { podCIDRs: ['a'] } },
      { spec: { podCIDRs: ['b'] } },
      { apiVersion: 'v1', kind: 'Node', spec: { podCIDRs: ['b', 'a'] } }
    ],
    [
      'keys that only look like directives are kept',
      { list: [] },
      { list: [{ $ref: '#/a', $schema: 's' }], a: { $patch: 'replace', $ref: 'b' } },
      { list: [{ $ref: '#/a', $schema: 's' }], a: { $ref: 'b' } }
    ],
    [
      'delete from a plain list',
      { finalizers: ['a', 'b'] },
      { '$deleteFromPrimitiveList/finalizers': ['a'] },
      { finalizers: ['b'] }
    ],
    ['retain keys', { s: { a: 1, b: 2 } }, { s: { $retainKeys: ['b'], b: 3 } }, { s: { b: 3 } }],
    ['element order is a hint', { a: 1 }, { '$setElementOrder/env': [] }, { a: 1 }]
  ]
  for (const [name, target, patch, expected] of cases)
    t.same(strategicMerge(target, patch), expected, name)
  t.match(
    faultText(() => strategicMerge({}, { $patch: 'x' })),
    /\$patch must be delete, replace or merge/
  )
  for (const patch of [
    { tolerations: [{ operator: 'Exists', $patch: 'delete' }] },
    { rules: [{ http: { $patch: 'replace' } }] },
    { a: { $patch: 'replace', b: { $retainKeys: ['c'] } } },
    { env: [{ $patch: 'replace' }, { name: 'a', $patch: 'delete' }] }
  ]) {
    t.match(
      faultText(() => strategicMerge({}, patch)),
      /\$(?:patch|retainKeys) is in a list or an object that is replaced, not merged/
    )
  }
  t.match(
    faultText(() => strategicMerge({}, { $retainKeys: 1 })),
    /must be a list/
  )
  t.match(
    faultText(() => strategicMerge({}, { '$deleteFromPrimitiveList/a': 1 })),
    /must be a list/
  )
  t.end()
})

t.test('merge patches follow RFC 7386', t => {
  const cases: readonly [string, JsonObject | string, JsonObject, unknown][] = [
    ['replace', { a: 'b' }, { a: 'c' }, { a: 'c' }],
    ['remove', { a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    ['lists are values', { a: [1] }, { a: [{ b: null }] }, { a: [{ b: null }] }],
    ['a scalar becomes an object', 'x', { a: { b: { c: null } } }, { a: { b: {} } }]
  ]
  for (const [name, target, patch, expected] of cases)
    t.same(mergePatch(target, patch), expected, name)
  t.end()
})

t.test('a patch that fails names its file and its index', t => {
  t.equal(
    faultText(() =>
      applyPatches(
        [{ object: { a: 1 }, where: () => 'x' }],
        [{ target: {} }, { target: {}, json: [{ op: 'remove', path: '/z' }] }],
        'mlgitops.yaml'
      )
    ),
    'mlgitops.yaml: patch 1: JSON patch operation 0 failed: /z does not exist [PATCH_FAILED]\n  found:    remove /z'
  )
  t.end()
})

t.test('path patterns', t => {
  const cases: readonly [string, string, boolean][] = [
    ['*.yaml', 'a.yaml', true],
    ['*.yaml', 'a/b.yaml', false],
    ['*.yaml', '.a.yaml', false],
    ['**/*.yaml', 'a.yaml', true],
    ['**/*.yaml', 'a/b/c.yaml', true],
    ['a/**', 'a/b/c', true],
    ['a/?.y', 'a/b.y', true],
    ['a.c', 'abc', false],
    ['.x', '.x', true],
    ['a/**', 'a', false],
    ['a/**', 'a/.b', false],
    ['**/b', 'a/.c/b', false],
    ['**', '.a', false],
    ['**/**/c', 'a/b/c', true],
    ['a*b*c', 'abbcxbc', true],
    ['a*b*c', 'abbcxb', false],
    ['*', '', true],
    ['a**', 'ab', true],
    ['?*', 'a', true],
    [`${'*a'.repeat(60)}b`, 'a'.repeat(250), false],
    [`${'**/'.repeat(60)}b`, `${'a/'.repeat(120)}c`, false]
  ]
  for (const [pattern, file, matches] of cases)
    t.equal(pathPattern(pattern)(file), matches, `${pattern} ${file}`)
  t.end()
})
