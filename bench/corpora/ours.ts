import { buildPolicySet } from '../../webhook/policy/policy-set.ts'
import { evaluateWithCel } from '../../webhook/evaluate.ts'
import { subjectOfManifest } from '../../webhook/subject/subject.ts'
import type { CorpusObject } from './objects.ts'
import type { Pair } from './pairs.ts'

/** Names of the objects that each policy refuses, by the policy's id. */
export type Refusals = ReadonlyMap<string, ReadonlySet<string>>

/** What our rules refuse. Ids are those of the pairs, with the peer. */
export function ourRefusals(pairs: readonly Pair[], objects: readonly CorpusObject[]): Refusals {
  const policies = pairs.map((pair, index) => ({
    value: {
      apiVersion: 'mlgitops.io/v1alpha1',
      kind: 'ModelPolicy',
      metadata: { name: `p${index}` },
      spec: {
        validationActions: ['Deny'],
        matchConstraints: { kinds: [{ apiGroups: ['*'], kinds: pair.kinds }] },
        rules: [pair.rule]
      }
    },
    where: pair.id
  }))
  const set = buildPolicySet(policies, [])
  const refused = new Map(pairs.map(({ peer, id }) => [`${peer} ${id}`, new Set<string>()]))
  const context = { trustedKeys: [], now: new Date(), namespaceLabels: undefined, controllers: [] }
  for (const { name, object } of objects) {
    const decision = evaluateWithCel(subjectOfManifest(object), set, context, { evaluator })
    if (decision instanceof Promise) throw new Error('a rule of a pair uses CEL')
    for (const { policy, actions } of decision.violations) {
      const pair = pairs[Number(policy.slice(1))]
      if (actions.includes('Deny')) refused.get(`${pair?.peer ?? ''} ${pair?.id ?? ''}`)?.add(name)
    }
  }
  return refused
}

const evaluator = {
  evaluate: () => {
    throw new Error('a rule of a pair uses CEL')
  }
}
