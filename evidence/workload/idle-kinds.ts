import type { JsonObject } from '../../common/json.ts'

/**
 * Kinds of groups of the table that name images or models and run nothing of them: their objects are not
 * searched.
 */
const idleKinds: Readonly<Record<string, string>> = {
  'argoproj.io/Application':
    'Argo CD renders it, and each of its objects is judged when it is created',
  'argoproj.io/ApplicationSet': 'creates Applications of Argo CD',
  'argoproj.io/AppProject': 'limits Applications of Argo CD',
  'apps.kruise.io/NodeImage': 'is what Kruise writes of its ImagePullJobs, for each node',
  'serving.kserve.io/LocalModelNode': 'is what KServe writes of its LocalModelCaches, for each node'
}

/** True for an object of a kind that is known to run nothing. */
export function isIdle({ apiVersion, kind }: JsonObject): boolean {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return false
  return Object.hasOwn(idleKinds, `${apiVersion.slice(0, apiVersion.indexOf('/'))}/${kind}`)
}

/** The kinds of {@link isIdle}, each with the reason. */
export function allIdleKinds(): readonly (readonly [string, string])[] {
  return Object.entries(idleKinds)
}
