import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { identify } from '../../../evidence/identity.ts'
import { accepts, readException } from '../../../webhook/policy/policy-exception.ts'
import { faultText } from '../../fault-text.ts'

const read = (objects: JsonObject) =>
  readException(
    {
      apiVersion: 'mlgitops.io/v1alpha1',
      kind: 'PolicyException',
      metadata: { name: 'e', namespace: 'exceptions' },
      spec: {
        policies: [{ name: 'p' }],
        objects: [{ namespaces: ['ml'], kinds: ['Job'], names: ['*'], ...objects }],
        reason: 'the audit is under way',
        expiresAt: '2026-12-01T00:00:00Z'
      }
    },
    'e.yaml:1'
  )

const now = new Date('2026-11-24T12:00:00Z')
const violation = { policy: 'p', rule: 'r' }

t.test('A kind is one of one group', t => {
  const excuses = (kinds: string, apiVersion: string, kind: string) => {
    const object = identify({ apiVersion, kind, metadata: { name: 'x', namespace: 'ml' } })
    return accepts(read({ kinds: [kinds] }), violation, object, now)
  }
  const cases: readonly (readonly [string, string, string, boolean])[] = [
    ['Job', 'batch/v1', 'Job', true],
    ['Job', 'batch.volcano.sh/v1alpha1', 'Job', false],
    ['Job', 'evil.example.com/v1', 'Job', false],
    ['batch/Job', 'batch/v1', 'Job', true],
    ['batch/Job', 'batch.volcano.sh/v1alpha1', 'Job', false],
    ['batch.volcano.sh/Job', 'batch.volcano.sh/v1alpha1', 'Job', true],
    ['batch.volcano.sh/Job', 'batch/v1', 'Job', false],
    ['StatefulSet', 'apps.kruise.io/v1beta1', 'StatefulSet', false],
    ['StatefulSet', 'apps/v1', 'StatefulSet', true],
    ['RayJob', 'ray.io/v1', 'RayJob', true],
    ['RayJob', 'other.io/v1', 'RayJob', false],
    ['Pod', 'v1', 'Pod', true],
    ['/Pod', 'v1', 'Pod', true],
    ['Pod', 'evil.example.com/v1', 'Pod', false],
    ['argoproj.io/Experiment', 'argoproj.io/v1alpha1', 'Experiment', true],
    ['argoproj.io/Experiment', 'kubeflow.org/v1beta1', 'Experiment', false],
    ['Widget', 'example.com/v1', 'Widget', true],
    ['example.com/Widget', 'example.org/v1', 'Widget', false]
  ]
  for (const [named, apiVersion, kind, isExcused] of cases) {
    t.equal(excuses(named, apiVersion, kind), isExcused, `${named} for ${apiVersion} ${kind}`)
  }
  t.end()
})

t.test('A kind that says no single group is refused', t => {
  t.equal(
    faultText(() => read({ kinds: ['Job', 'Experiment'] })),
    'e.yaml:1: the exception cannot be used:\n  spec.objects[0].kinds[1]: several groups have Experiment: write argoproj.io/Experiment or kubeflow.org/Experiment [EXCEPTION_INVALID]'
  )
  for (const kinds of ['batch/v1/Job', 'batch/', '*', '*/Job', 'Job ']) {
    t.match(
      faultText(() => read({ kinds: [kinds] })),
      'spec.objects[0].kinds[0]: expected a kind (KIND or GROUP/KIND, without a version), found ',
      kinds
    )
  }
  t.end()
})

t.test('Names match before and after the API server has generated them', t => {
  const excuses = (pattern: string, metadata: JsonObject) => {
    const object = identify({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { namespace: 'ml', ...metadata }
    })
    return accepts(read({ names: [pattern] }), violation, object, now)
  }
  const long = 'x'.repeat(60)
  const cases: readonly (readonly [string, JsonObject, boolean])[] = [
    ['train-*', { generateName: 'train-' }, true],
    ['train-*', { name: 'train-x7k2p', generateName: 'train-' }, true],
    ['*', { generateName: 'train-' }, true],
    ['*ain-*', { generateName: 'train-' }, true],
    ['train-', { generateName: 'train-' }, false],
    ['train-', { name: 'train-x7k2p', generateName: 'train-' }, false],
    ['train-x*', { generateName: 'train-' }, false],
    ['other-*', { generateName: 'train-' }, false],
    [`${'x'.repeat(58)}*`, { generateName: long }, true],
    [`${long}*`, { generateName: long }, false],
    ['train', { name: 'train' }, true]
  ]
  for (const [pattern, metadata, isExcused] of cases) {
    t.equal(excuses(pattern, metadata), isExcused, `${pattern} for ${JSON.stringify(metadata)}`)
  }
  t.end()
})
