import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'

const file = 'as-rendered.json'
const policy: JsonObject = {
  apiVersion: 'mlgitops.io/v1alpha1',
  kind: 'ModelPolicy',
  metadata: { name: 'as-rendered' },
  spec: {
    validationActions: ['Deny'],
    matchConstraints: { roles: ['train', 'serve', 'pipeline', 'run'] },
    rules: [{ provenance: { binds: 'object' } }]
  }
}
const applications = ['models/churn-prediction', 'models/sentiment', 'models/recommender']

/** What deployers, autoscalers and people do to signed objects passes; what changes them does not. */
export async function proveBindings(bench: Bench, points: Points): Promise<void> {
  const folder = bench.options[1] ?? ''
  bench.writePolicy(file, policy)
  await bench.host.restart(bench.options)
  const rendered = (
    await Promise.all(applications.map(each => bench.repository.render(each, 'production')))
  ).flat()
  const signed = rendered.filter(object => isAttested(object))
  const passes = async (args: readonly string[], input?: JsonObject) => {
    const seen = await bench.kubectl(args, input)
    assert.equal(seen.code, 0, `${args.join(' ')}: ${seen.stderr}`)
  }
  for (const object of signed) {
    const name = `${stringMember(object, 'kind') ?? ''}/${stringMember(object.metadata, 'name') ?? ''}`
    await points.check(
      `${name} is applied client-side, then server-side, and annotated`,
      async () => {
        await passes(['apply', '-f', '-'], object)
        await passes(['apply', '--server-side', '--force-conflicts', '-f', '-'], object)
        const tracked = 'argocd.argoproj.io/tracking-id=e2e'
        await passes(['annotate', '--overwrite', '-f', '-', tracked], object)
        await passes(
          ['label', '--overwrite', '-f', '-', 'kustomize.toolkit.fluxcd.io/name=e2e'],
          object
        )
      }
    )
  }
  const deployment = signed.find(({ kind }) => kind === 'Deployment') ?? {}
  const server = `deployment/${stringMember(deployment.metadata, 'name') ?? ''}`
  await points.check('a signed Deployment is scaled and restarted', async () => {
    await passes(['scale', server, '--replicas=3'])
    await passes(['annotate', '--overwrite', server, 'scaled=true'])
    await passes(['rollout', 'restart', server])
    await passes(['apply', '-f', '-'], deployment)
  })
  await points.check('a signed Deployment with another field is refused by the field', async () => {
    const refused = async (args: readonly string[], field: string) => {
      const seen = await bench.kubectl(args)
      assert.equal(seen.code, 1, args.join(' '))
      assert.match(seen.stderr, /as-rendered \(provenance\)/)
      assert.ok(seen.stderr.includes(`field:   ${field}`), seen.stderr)
    }
    const containers = 'spec.template.spec.containers[0]'
    await refused(['set', 'env', server, 'LD_PRELOAD=/evil.so'], `${containers}.env[3]\n`)
    await refused(
      ['set', 'serviceaccount', server, 'admin'],
      'spec.template.spec.serviceAccountName\n'
    )
    await refused(
      ['set', 'resources', server, '--limits=cpu=64'],
      `${containers}.resources.limits.`
    )
    const strategy = '{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}'
    await refused(['patch', server, '-p', strategy], 'spec.strategy')
  })
  await bench.kubectl(['delete', '-f', '-', '--wait=false'], {
    apiVersion: 'v1',
    kind: 'List',
    items: signed
  })
  rmSync(path.join(folder, file))
  await bench.host.restart(bench.options)
}

function isAttested(object: JsonObject): boolean {
  const annotations = member(object.metadata, 'annotations')
  return stringMember(annotations, 'mlgitops.io/attestation') !== undefined
}
