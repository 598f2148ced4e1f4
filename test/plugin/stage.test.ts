import fc from 'fast-check'
import t from 'tap'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { stamp } from '../../plugin/stage/stamp.ts'

const context = {
  repository: undefined,
  commit: 'a'.repeat(40),
  modelCommit: 'b'.repeat(40),
  modelDigest: `sha256:${'c'.repeat(64)}`,
  isDirty: false,
  targetRevision: 'HEAD',
  appName: undefined,
  namespace: undefined,
  project: 'default',
  sourcePath: '.',
  environment: undefined
}
const stamps = {
  'mlgitops.io/git-commit': context.commit,
  'mlgitops.io/model-commit': context.modelCommit,
  'mlgitops.io/model-digest': context.modelDigest
}

t.test('a stamp adds its annotations and changes nothing else', t => {
  const json = fc.json().map(text => JSON.parse(text) as JsonValue)
  const object = fc.record({
    spec: json,
    labels: json,
    annotations: fc.dictionary(
      fc.string().filter(key => key !== '__proto__'),
      fc.string(),
      { noNullPrototype: true }
    )
  })
  fc.assert(
    fc.property(object, ({ spec, labels, annotations }) => {
      const given: JsonObject = { spec, metadata: { name: 'x', labels, annotations } }
      const before = JSON.stringify(given)
      const [stamped] = stamp([{ object: given, where: () => '' }], context, false)
      const expected = {
        spec,
        metadata: { name: 'x', labels, annotations: { ...annotations, ...stamps } }
      }
      return (
        JSON.stringify(stamped?.object) === JSON.stringify(expected) &&
        JSON.stringify(given) === before
      )
    }),
    { seed: 13, numRuns: 300 }
  )
  t.end()
})
