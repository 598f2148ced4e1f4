import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { member } from '../../common/json.ts'
import { strategicMerge } from '../../plugin/patch/strategic-merge.ts'
import { faultText } from '../fault-text.ts'

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0
const file = path.join(t.testdir(), 'target.json')

const named = (names: string) => names.split('').map(name => ({ name, image: 'i' }))
const order = (names: string) => names.split('').map(name => ({ name }))
const deployment: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'x', finalizers: ['a/b', 'c/d', 'e/f'] },
  spec: { template: { spec: { containers: named('abc') } } }
}
const ofPods = (spec: JsonObject): JsonObject => ({ spec: { template: { spec } } })

/** The names of the containers of a merged Deployment. */
function containersOf(merged: JsonObject): string {
  const spec = member(member(member(merged, 'spec'), 'template'), 'spec')
  return (member(spec, 'containers') as readonly { readonly name: string }[])
    .map(({ name }) => name)
    .join('')
}

/** What kubectl makes of a patch, or `refused`. */
function kubectl(patch: JsonObject): JsonValue {
  writeFileSync(file, JSON.stringify(deployment))
  const args = ['patch', '--local', '-f', file, '--type=strategic', '-o', 'json']
  const { status, stdout } = spawnSync('kubectl', [...args, '-p', JSON.stringify(patch)], {
    encoding: 'utf8'
  })
  return status === 0 ? (JSON.parse(stdout) as JsonValue) : 'refused'
}

t.test('$setElementOrder orders the items that it names, as with kubectl', t => {
  const cases: readonly (readonly [string, string | undefined, string])[] = [
    ['ca', undefined, 'bca'],
    ['cba', undefined, 'cba'],
    ['cda', 'd', 'bcda'],
    ['bdxa', 'xa', 'bxac'],
    ['dabc', 'd', 'dabc'],
    ['zb', undefined, 'abc'],
    ['', undefined, 'abc'],
    ['', 'dc', 'abcd']
  ]
  for (const [names, items, expected] of cases) {
    const containers = items === undefined ? {} : { containers: named(items) }
    const patch = ofPods({ '$setElementOrder/containers': order(names), ...containers })
    const merged = strategicMerge(deployment, patch)
    t.equal(containersOf(merged), expected, `${names} of ${items ?? 'none'}`)
    if (hasKubectl) t.same(merged, kubectl(patch), `kubectl: ${names} of ${items ?? 'none'}`)
  }
  const deletion = ofPods({
    '$setElementOrder/containers': order('ba'),
    containers: [{ name: 'b', $patch: 'delete' }]
  })
  t.equal(containersOf(strategicMerge(deployment, deletion)), 'ac')
  if (hasKubectl) t.same(strategicMerge(deployment, deletion), kubectl(deletion))
  const finalizers = {
    metadata: { '$setElementOrder/finalizers': ['e/f', 'g/h', 'a/b'], finalizers: ['g/h'] }
  }
  const joined = strategicMerge(deployment, finalizers)
  t.same(member(joined.metadata, 'finalizers'), ['c/d', 'e/f', 'g/h', 'a/b'])
  if (hasKubectl) t.same(joined, kubectl(finalizers))
  const absent = ofPods({ '$setElementOrder/volumes': order('b') })
  t.same(strategicMerge(deployment, absent), deployment, 'a list that does not exist')
  t.end()
})

t.test('An order that cannot be kept is refused, as by kubectl', t => {
  const cases: readonly (readonly [JsonObject, string])[] = [
    [
      { '$setElementOrder/containers': order('c'), containers: named('d') },
      '$setElementOrder/containers does not fit the patch\'s list [PATCH_INVALID]\n  found:    "d" in the list, and ["c"] as the order'
    ],
    [
      { '$setElementOrder/containers': order('ab'), containers: named('ba') },
      '$setElementOrder/containers does not fit the patch\'s list [PATCH_INVALID]\n  found:    "a" in the list, and ["a","b"] as the order'
    ],
    [{ '$setElementOrder/containers': 'a' }, '$setElementOrder/containers must be a list'],
    [
      { '$setElementOrder/containers': null, containers: named('d') },
      '$setElementOrder/containers must be a list'
    ],
    [
      { '$setElementOrder/containers': [{ image: 'i' }] },
      '$setElementOrder/containers: an item has no name, its merge key'
    ],
    [
      { '$setElementOrder/containers': ['a'] },
      '$setElementOrder/containers: an item has no name, its merge key'
    ],
    [
      { '$setElementOrder/tolerations': [{ key: 'a' }], tolerations: [{ key: 'a' }] },
      '$setElementOrder/tolerations: the list has no merge key'
    ]
  ]
  for (const [spec, message] of cases) {
    t.match(
      faultText(() => strategicMerge(deployment, ofPods(spec))),
      `strategic patch: ${message}`
    )
    if (hasKubectl) t.equal(kubectl(ofPods(spec)), 'refused', `kubectl: ${message}`)
  }
  const labels = { metadata: { labels: { a: 'b' }, '$setElementOrder/labels': ['a'] } }
  t.match(
    faultText(() => strategicMerge(deployment, labels)),
    'labels is not a list'
  )
  if (hasKubectl) t.equal(kubectl(labels), 'refused')
  t.end()
})
