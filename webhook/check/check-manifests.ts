import { evaluate } from '../evaluate.ts'
import type { EvaluationContext } from '../evaluate.ts'
import { labelsOf } from '../policy/label-selector.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import { subjectOfManifest } from '../subject/subject.ts'
import type { CheckedManifest } from './input.ts'
import type { Checked } from './report.ts'

/** Judges every manifest; a Namespace among them gives its labels to the objects in it. */
export function checkManifests(
  manifests: readonly CheckedManifest[],
  policies: PolicySet,
  context: Pick<EvaluationContext, 'trustedKeys' | 'now'>
): readonly Checked[] {
  const subjects = manifests.map(({ object }) => subjectOfManifest(object))
  const namespaces = new Map(
    subjects
      .filter(({ identity }) => identity.group === '' && identity.kind === 'Namespace')
      .map(({ identity, object }) => [identity.name, labelsOf(object)])
  )
  return subjects.flatMap((subject, index) => {
    const manifest = manifests[index]
    if (manifest === undefined) return []
    const namespaceLabels = namespaces.get(subject.identity.namespace)
    const decision = evaluate(subject, policies, { ...context, namespaceLabels, controllers: [] })
    return [{ manifest, decision }]
  })
}
