import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { annotations } from '../../../evidence/annotations.ts'
import { inTotoPayloadType, signEnvelope } from '../../../evidence/attestation/dsse.ts'
import { buildStatement, encodeStatement } from '../../../evidence/attestation/statement.ts'
import { encodeRendered } from '../../../evidence/binding/rendered-object.ts'
import { annotated, attested, facts, image, job, signingKey } from '../attested.ts'
import { at, fix, judge } from '../judged.ts'

const container = {
  name: 'train',
  image,
  command: ['python', '-m', 'train'],
  args: ['--epochs=20', '--model_id=churn'],
  env: [
    { name: 'SEED', value: '7' },
    { name: 'TOKEN', value: 'hunter2' }
  ],
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
  readinessProbe: { exec: { command: ['true'] } }
}
const report = { name: 'report', image }
const volumes = [{ name: 'data', emptyDir: {} }]

function withPod(pod: JsonObject, spec: JsonObject = {}): JsonObject {
  return {
    ...job,
    spec: { template: { spec: { containers: [container, report], volumes, ...pod } }, ...spec }
  }
}

/** The Job with the attestation of {@link withPod} as it was rendered, and another pod. */
function changed(pod: JsonObject, spec: JsonObject = {}): JsonObject {
  const { metadata } = attested(withPod({}))
  return { ...withPod(pod, spec), metadata: metadata ?? null }
}

function withContainer(more: JsonObject, index = 0): JsonObject {
  return { containers: [container, report].with(index, { ...container, ...more }) }
}

const spec = 'spec.template.spec'
const pointer = '/spec/template/spec'
const allow = (path: string) =>
  `${fix}, or let the policy allow the change: allowChanges: ["${pointer}${path}"]`

t.test('binds runs, the default, names what decides what runs and is not as it was rendered', t => {
  const refused = (pod: JsonObject, options: JsonObject = {}) =>
    judge({ provenance: options }, changed(pod))
  t.same(refused({}), [])
  t.same(refused({}, { binds: 'runs' }), [])
  const cases: readonly (readonly [JsonObject, ...string[]])[] = [
    [
      withContainer({ args: ['--epochs=20', '--model_id=evil/hf'] }),
      `${spec}.containers[0].args: this field of container train is not as it was rendered; found ["--epochs=20","--model_id=evil/hf"]; allowed: ["--epochs=20","--model_id=churn"]; ${allow('/containers/0/args')}`
    ],
    [
      withContainer({ command: ['sh'] }),
      `${spec}.containers[0].command: this field of container train is not as it was rendered; found ["sh"]; allowed: ["python","-m","train"]; ${allow('/containers/0/command')}`
    ],
    [
      withContainer({ env: [container.env[0] ?? {}, { name: 'TOKEN', value: 'hunter3' }] }),
      `${spec}.containers[0].env[1].value: environment variable TOKEN of container train is not as it was rendered; ${allow('/containers/0/env/1/value')}`
    ],
    [
      withContainer({ env: [...container.env, { name: 'LD_PRELOAD', value: '/evil.so' }] }),
      `${spec}.containers[0].env[2]: environment variable LD_PRELOAD of container train was not rendered; ${allow('/containers/0/env/2')}`
    ],
    [
      withContainer({ env: container.env.slice(1) }),
      `${spec}.containers[0].env[0]: environment variable SEED of container train was rendered and is missing; ${allow('/containers/0/env/0')}`
    ],
    [
      withContainer({ env: container.env.toReversed() }),
      `${spec}.containers[0].env: this field of container train is not in the order in which it was rendered; ${allow('/containers/0/env')}`
    ],
    [
      withContainer({ securityContext: { privileged: true } }),
      `${spec}.containers[0].securityContext: this field of container train was not rendered; ${allow('/containers/0/securityContext')}`
    ],
    [
      withContainer({ lifecycle: { postStart: { exec: { command: ['sh'] } } } }),
      `${spec}.containers[0].lifecycle: this field of container train was not rendered; ${allow('/containers/0/lifecycle')}`
    ],
    [
      withContainer({ readinessProbe: { exec: { command: ['sh', '-c', 'evil'] } } }),
      `${spec}.containers[0].readinessProbe.exec.command: this field of container train is not as it was rendered; found ["sh","-c","evil"]; allowed: ["true"]; ${allow('/containers/0/readinessProbe/exec/command')}`
    ],
    [
      withContainer({
        volumeMounts: [...container.volumeMounts, { name: 'data', mountPath: '/etc' }]
      }),
      `${spec}.containers[0].volumeMounts[1]: volume mount data of container train was not rendered; ${allow('/containers/0/volumeMounts/1')}`
    ],
    [
      { volumes: [{ name: 'data', hostPath: { path: '/' } }] },
      `${spec}.volumes[0].hostPath: this field was not rendered; ${allow('/volumes/0/hostPath')}`
    ],
    [
      { initContainers: [{ name: 'evil', image }] },
      `${spec}.initContainers[0]: init container evil was not rendered; ${allow('/initContainers/0')}`
    ],
    [
      { containers: [container] },
      `${spec}.containers[1]: container report was rendered and is missing; ${allow('/containers/1')}`
    ],
    [
      { serviceAccountName: 'admin' },
      `${spec}.serviceAccountName: this field was not rendered; found admin; ${allow('/serviceAccountName')}`
    ],
    [
      { hostNetwork: true, hostPID: true },
      `${spec}.hostNetwork: this field was not rendered; found true; ${allow('/hostNetwork')}`,
      `${spec}.hostPID: this field was not rendered; found true; ${allow('/hostPID')}`
    ]
  ]
  for (const [pod, ...messages] of cases) {
    t.same(refused(pod), messages)
    t.same(refused(pod, { binds: 'object' }), messages)
    const allowed = messages.map(each => /allowChanges: \["([^"]*)"\]$/.exec(each)?.[1] ?? '')
    t.same(refused(pod, { allowChanges: allowed }), [], 'as the message says')
    t.same(refused(pod, { allowChanges: [`${pointer}/containersx`] }), messages)
  }
  t.same(refused({ containers: [report, container] }), [], 'containers are a set')
  t.end()
})

t.test('images that change places are both refused', t => {
  const other = 'registry.example.com/ml/other:1'
  const rendered = {
    ...job,
    spec: { template: { spec: { containers: [container, { name: 'b', image: other }] } } }
  }
  const { metadata } = attested(rendered, { ...facts, images: [image, other] })
  const swapped = {
    containers: [
      { ...container, image: other },
      { name: 'b', image }
    ]
  }
  const object = { ...job, spec: { template: { spec: swapped } }, metadata: metadata ?? null }
  t.same(judge({ provenance: {} }, object), [
    `${spec}.containers[0].image: this field of container train is not as it was rendered; found ${other}; allowed: ${image}; ${allow('/containers/0/image')}`,
    `${spec}.containers[1].image: this field of container b is not as it was rendered; found ${image}; allowed: ${other}; ${allow('/containers/1/image')}`
  ])
  t.end()
})

t.test('binds object refuses every other field, and what nothing is known to add', t => {
  const runs = (object: JsonObject) => judge({ provenance: {} }, object)
  const whole = (object: JsonObject, allowChanges?: readonly string[]) =>
    judge(
      { provenance: { binds: 'object', ...(allowChanges === undefined ? {} : { allowChanges }) } },
      object
    )
  const cases: readonly (readonly [JsonObject, string])[] = [
    [
      changed({ nodeSelector: { gpu: 'a100' } }),
      `${spec}.nodeSelector: this field was not rendered; ${allow('/nodeSelector')}`
    ],
    [
      changed(withContainer({ resources: { limits: { cpu: '64' } } })),
      `${spec}.containers[0].resources: this field of container train was not rendered; ${allow('/containers/0/resources')}`
    ],
    [
      changed({}, { backoffLimit: 60 }),
      `spec.backoffLimit: this field was not rendered; found 60; ${fix}, or let the policy allow the change: allowChanges: ["/spec/backoffLimit"]`
    ]
  ]
  for (const [object, message] of cases) {
    t.same(runs(object), [])
    t.same(whole(object), [message])
    t.same(whole(object, ['/spec']), [])
  }
  t.same(whole(changed({}, { backoffLimit: 6 })), [], "the API server's default")
  const labelled = annotated(changed({}), {
    'argocd.argoproj.io/tracking-id': 'churn:batch/Job:ml/train',
    'kubectl.kubernetes.io/last-applied-configuration': '{}'
  })
  const { metadata } = labelled
  const labels = { 'kustomize.toolkit.fluxcd.io/name': 'models' }
  t.same(whole({ ...labelled, metadata: { ...(metadata as JsonObject), labels } }), [])
  t.end()
})

t.test('a statement of v1alpha1 binds what runs as before, and never the object', t => {
  const statement = buildStatement({ ...facts, rendered: encodeRendered(job) })
  const payload = encodeStatement(statement).toString().replace('v1alpha2', 'v1alpha1')
  const envelope = signEnvelope(Buffer.from(payload), inTotoPayloadType, signingKey)
  const old = annotated(job, { [annotations.attestation]: JSON.stringify(envelope) })
  t.same(judge({ provenance: {} }, old), [])
  t.same(judge({ provenance: { binds: 'object' } }, old), [
    `${at}: the attestation does not carry the rendered object: it is of version v1alpha1; fix: render and sign the object again with this release`
  ])
  t.end()
})

t.test('a rendered object that cannot be read is refused', t => {
  const envelope = { brotli: 'AAAA' }
  const statement = encodeStatement(buildStatement({ ...facts, rendered: envelope }))
  const signed = signEnvelope(statement, inTotoPayloadType, signingKey)
  const object = annotated(job, { [annotations.attestation]: JSON.stringify(signed) })
  t.same(judge({ provenance: {} }, object), [
    `${at}: the rendered object of the statement is unreadable: it is not JSON that was compressed with Brotli [ATTESTATION_INVALID]; ${fix}`
  ])
  t.end()
})
