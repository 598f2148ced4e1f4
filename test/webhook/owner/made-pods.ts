import type { JsonObject } from '../../../common/json.ts'
import { readOperators } from '../../../webhook/owner/operator.ts'
import { ask, Cluster, object } from './made-by.ts'

export const image = 'registry.example.com/ml/trainer:1.0'
export const shell = 'cgr.dev/chainguard/busybox:1'
const own = ['ghcr.io/tektoncd/pipeline', shell, 'quay.io/argoproj/argoexec', 'docker.io/kserve']

/** What the API server hears about a Pod that an operator makes of a signed object. */
export async function made(
  owner: JsonObject,
  spec: JsonObject,
  { trust = '', templates = [] }: { trust?: string; templates?: readonly JsonObject[] } = {}
): Promise<string> {
  const account = 'tekton-pipelines:tekton-pipelines-controller'
  const { operators } = readOperators({
    operator: [`${account}${trust}`],
    'operator-images': [`${account}=${own.join(',')}`],
    controller: []
  })
  const source = new Cluster(owner, ...templates)
  const pod = object('v1 Pod', 'child', { owner, spec })
  const heard = await ask(source, pod, { context: { owners: { operators, source } } })
  const [, differs] = heard.split(' was not admitted with what this object runs: ')
  return differs ?? (heard.startsWith('made by ') ? 'passes' : heard)
}

/** A Pod with one container. */
export const pod = (container: JsonObject, more: JsonObject = {}) => ({
  containers: [{ name: 'main', image, ...container }],
  ...more
})
