import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { member, stringifyJson, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import type { Binding } from '../../../evidence/binding/binding.ts'
import { identify } from '../../../evidence/identity.ts'
import { inspectWorkload } from '../../../evidence/workload/inspect.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'

const file = 'as-rendered.json'
const applications = ['models/churn-prediction', 'models/sentiment', 'models/recommender']
const modes: readonly Binding[] = ['runs', 'object']

function policyOf(binds: Binding): JsonObject {
  return {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'ModelPolicy',
    metadata: { name: 'as-rendered' },
    spec: {
      validationActions: ['Deny'],
      matchConstraints: { roles: ['train', 'serve', 'pipeline', 'run'] },
      rules: [{ provenance: { binds } }]
    }
  }
}

/** What deployers, autoscalers and people do to signed objects passes; what changes them does not. */
export async function proveBindings(bench: Bench, points: Points): Promise<void> {
  const folder = bench.options[1] ?? ''
  const rendered = (
    await Promise.all(applications.map(each => bench.repository.render(each, 'production')))
  ).flat()
  const signed = rendered.filter(object => isAttested(object))
  for (const binds of modes) {
    bench.writePolicy(file, policyOf(binds))
    await bench.host.restart(bench.options)
    for (const object of signed) await proveDeployers(object, binds, { bench, points })
    const deployment = signed.find(({ kind }) => kind === 'Deployment') ?? {}
    await proveChanges(deployment, binds, { bench, points })
    await bench.kubectl(['delete', '-f', '-', '--wait=false'], {
      apiVersion: 'v1',
      kind: 'List',
      items: signed
    })
  }
  rmSync(path.join(folder, file))
  await bench.host.restart(bench.options)
}

interface Proof {
  readonly bench: Bench
  readonly points: Points
}

async function passes(bench: Bench, args: readonly string[], input?: JsonObject): Promise<void> {
  const seen = await bench.kubectl(args, input)
  assert.equal(seen.code, 0, `${args.join(' ')}: ${seen.stderr}`)
}

async function proveDeployers(object: JsonObject, binds: Binding, { bench, points }: Proof) {
  const { kind, name } = identify(object)
  await points.check(
    `binds ${binds}: ${kind}/${name} is applied client-side, then server-side, and annotated`,
    async () => {
      await passes(bench, ['apply', '-f', '-'], object)
      await passes(bench, ['apply', '--server-side', '--force-conflicts', '-f', '-'], object)
      const tracked = 'argocd.argoproj.io/tracking-id=e2e'
      await passes(bench, ['annotate', '--overwrite', '-f', '-', tracked], object)
      for (const label of [
        'kustomize.toolkit.fluxcd.io/name=e2e',
        'app.kubernetes.io/instance=e2e'
      ])
        await passes(bench, ['label', '--overwrite', '-f', '-', label], object)
    }
  )
}

/** A change of a Deployment, and the field that a refusal names. */
interface Change {
  readonly args: readonly string[]
  readonly field: string
}

const containers = 'spec.template.spec.containers[0]'

function changesOf(server: string, image: string): Readonly<Record<Binding, readonly Change[]>> {
  const pod = (spec: JsonObject) => patch({ template: { spec } })
  const patch = (spec: JsonObject) => ['patch', server, '-p', stringifyJson({ spec })]
  const volume = { name: 'evil', hostPath: { path: '/' } }
  const runs = [
    { args: ['set', 'env', server, 'LD_PRELOAD=/evil.so'], field: `${containers}.env[3]` },
    {
      args: ['set', 'serviceaccount', server, 'admin'],
      field: 'spec.template.spec.serviceAccount'
    },
    { args: pod({ volumes: [volume] }), field: 'spec.template.spec.volumes[' },
    { args: pod({ initContainers: [{ name: 'x', image }] }), field: 'spec.template.spec.init' },
    { args: pod({ hostPID: true }), field: 'spec.template.spec.hostPID' },
    {
      args: pod({ securityContext: { runAsUser: 0 } }),
      field: 'spec.template.spec.securityContext'
    }
  ]
  const object = [
    { args: ['set', 'resources', server, '--limits=cpu=64'], field: `${containers}.resources` },
    {
      args: patch({ strategy: { type: 'Recreate', rollingUpdate: null } }),
      field: 'spec.strategy'
    },
    { args: pod({ nodeSelector: { gpu: 'a100' } }), field: 'spec.template.spec.nodeSelector' },
    { args: pod({ imagePullSecrets: [{ name: 'x' }] }), field: 'spec.template.spec.imagePull' }
  ]
  return { runs, object }
}

async function proveChanges(deployment: JsonObject, binds: Binding, { bench, points }: Proof) {
  const server = `deployment/${identify(deployment).name}`
  await points.check(`binds ${binds}: a signed Deployment is scaled and restarted`, async () => {
    await passes(bench, ['scale', server, '--replicas=3'])
    await passes(bench, ['annotate', '--overwrite', server, 'scaled=true'])
    await passes(bench, ['rollout', 'restart', server])
    await passes(bench, ['apply', '-f', '-'], deployment)
  })
  const [image = ''] = inspectWorkload(deployment)?.images.map(({ value }) => value) ?? []
  const { runs, object } = changesOf(server, image)
  const refused = binds === 'object' ? [...runs, ...object] : runs
  await points.check(
    `binds ${binds}: a signed Deployment with another field is refused by the field`,
    async () => {
      for (const { args, field } of refused) {
        const seen = await bench.kubectl(args)
        assert.equal(seen.code, 1, args.join(' '))
        assert.match(seen.stderr, /as-rendered \(provenance\)/)
        assert.ok(seen.stderr.includes(`field:   ${field}`), seen.stderr)
      }
      if (binds === 'object') return
      for (const { args } of object) await passes(bench, args)
    }
  )
}

function isAttested(object: JsonObject): boolean {
  const annotations = member(object.metadata, 'annotations')
  return stringMember(annotations, 'mlgitops.io/attestation') !== undefined
}
