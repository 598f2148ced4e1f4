import type { CelEvaluator } from '../cel/evaluator.ts'
import { evaluateWithCel } from '../evaluate.ts'
import type { EvaluationContext } from '../evaluate.ts'
import { labelsOf } from '../policy/label-selector.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import { subjectOfManifest } from '../subject/subject.ts'
import type { CheckedManifest } from './input.ts'
import type { Checked } from './report.ts'

/** What a check needs besides manifests and policies. */
export interface CheckContext extends Pick<EvaluationContext, 'trustedKeys' | 'now'> {
  readonly evaluator: CelEvaluator
  /** True to judge objects for which no namespace was chosen yet. */
  readonly isUnplaced?: boolean
}

/** Judges every manifest. Labels of a Namespace among them apply to the objects in that namespace. */
export async function checkManifests(
  manifests: readonly CheckedManifest[],
  policies: PolicySet,
  context: CheckContext
): Promise<readonly Checked[]> {
  const { evaluator, isUnplaced, ...known } = context
  const subjects = manifests.map(({ object }) => subjectOfManifest(object, isUnplaced))
  const namespaces = new Map(
    subjects
      .filter(({ identity }) => identity.group === '' && identity.kind === 'Namespace')
      .map(({ identity, object }) => [identity.name, labelsOf(object)])
  )
  const checked: Checked[] = []
  for (const [index, manifest] of manifests.entries()) {
    const subject = subjects[index]
    if (subject === undefined) continue
    const namespaceLabels = namespaces.get(subject.identity.namespace)
    const more = { ...known, namespaceLabels, controllers: [] }
    const decision = await evaluateWithCel(subject, policies, more, { evaluator })
    checked.push({ manifest, decision })
  }
  return checked
}
