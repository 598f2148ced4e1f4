import type { JsonObject } from '../../common/json.ts'

const registry = 'registry.example.com/ml'
const labels = ['team', 'app.kubernetes.io/part-of']

/** Twelve policies that the review satisfies without an attestation; each peer has the same. */
export function plainPolicies(): readonly JsonObject[] {
  const rules: readonly JsonObject[] = [
    { images: { registries: [registry] } },
    { images: { pinnedBy: ['commit', 'digest'] } },
    { images: { forbiddenTags: ['latest'] } },
    { resources: { requests: ['cpu', 'memory'] } },
    { resources: { limits: ['memory'] } },
    { resources: { limits: ['cpu'] } },
    ...labels.map(key => ({ labels: { required: [{ key }] } })),
    { labels: { required: [{ key: 'team', values: ['ml-platform', 'search'] }] } },
    { artifacts: { locations: ['s3://models-bucket'] } },
    { schema: { schema: { properties: { metadata: { required: ['namespace'] } } } } },
    {
      schema: {
        schema: { properties: { metadata: { properties: { name: { pattern: '^[a-z-]+$' } } } } }
      }
    }
  ]
  return rules.map((rule, at) => policy(`policy-${at}`, rule))
}

/** The same twelve, one of them with a signature to verify, and what it binds. */
export function signedPolicies(binds: 'runs' | 'object'): readonly JsonObject[] {
  return [...plainPolicies().slice(1), policy('provenance', { provenance: { binds } })]
}

function policy(name: string, rule: JsonObject): JsonObject {
  return {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'ModelPolicy',
    metadata: { name },
    spec: { validationActions: ['Deny'], rules: [rule] }
  }
}

/** The same for pepr: its module in one file, as its users write it. */
export const peprModule = `import { PeprModule, Capability, a } from 'pepr'
const capability = new Capability({ name: 'bench', description: 'bench', namespaces: [] })
const { When } = capability
const containers = job => [
  ...(job.Raw.spec.template.spec.initContainers ?? []),
  ...(job.Raw.spec.template.spec.containers ?? [])
]
const commits = job => [
  job.Raw.metadata.annotations['mlgitops.io/git-commit'],
  job.Raw.metadata.annotations['mlgitops.io/model-commit']
]
const tag = image => image.split('/').at(-1).split(':')[1] ?? 'latest'
const every = (job, test) => containers(job).every(test)
const checks = [
  job => every(job, c => c.image.startsWith('${registry}/')),
  job => every(job, c => c.image.includes('@sha256:') || commits(job).includes(tag(c.image))),
  job => every(job, c => tag(c.image) !== 'latest'),
  job => every(job, c => c.resources?.requests?.cpu && c.resources?.requests?.memory),
  job => every(job, c => c.resources?.limits?.memory),
  job => every(job, c => c.resources?.limits?.cpu),
  job => job.HasLabel('${labels[0] ?? ''}'),
  job => job.HasLabel('${labels[1] ?? ''}'),
  job => ['ml-platform', 'search'].includes(job.Raw.metadata.labels.team),
  job => every(job, c => (c.env ?? []).every(e => !/^[a-z0-9]+:\\/\\//.test(e.value ?? '') || e.value.startsWith('s3://models-bucket/'))),
  job => job.Raw.metadata.namespace !== undefined,
  job => /^[a-z-]+$/.test(job.Raw.metadata.name)
]
for (const check of checks) {
  When(a.Job).IsCreatedOrUpdated().Validate(job => (check(job) ? job.Approve() : job.Deny('no', 403)))
}
const pepr = { uuid: 'bench', onError: 'reject', alwaysIgnore: { namespaces: [] }, webhookTimeout: 10 }
const cfg = { description: 'bench', pepr }
const module = new PeprModule(cfg, [capability], { deferStart: true })
module.start(Number(process.env.BENCH_PORT))
`

/** The same for opa: the document that answers \`POST /v0/data/system/main\`. */
export const opaModule = `package system
import rego.v1

main := {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": {"uid": input.request.uid, "allowed": count(denied) == 0, "status": {"code": 403, "message": concat("\\n", denied)}}}

job := input.request.object
containers contains c if some c in job.spec.template.spec.containers
containers contains c if some c in job.spec.template.spec.initContainers
commits := {job.metadata.annotations["mlgitops.io/git-commit"], job.metadata.annotations["mlgitops.io/model-commit"]}
tag(image) := split(regex.replace(image, "^.*/", ""), ":")[1]

denied contains "1" if { some c in containers; not startswith(c.image, "${registry}/") }
denied contains "2" if { some c in containers; not contains(c.image, "@sha256:"); not tag(c.image) in commits }
denied contains "3" if { some c in containers; tag(c.image) == "latest" }
denied contains "4" if { some c in containers; some r in ["cpu", "memory"]; not c.resources.requests[r] }
denied contains "5" if { some c in containers; not c.resources.limits.memory }
denied contains "6" if { some c in containers; not c.resources.limits.cpu }
denied contains "7" if not job.metadata.labels["${labels[0] ?? ''}"]
denied contains "8" if not job.metadata.labels["${labels[1] ?? ''}"]
denied contains "9" if not job.metadata.labels.team in {"ml-platform", "search"}
denied contains "10" if { some c in containers; some e in c.env; regex.match("^[a-z0-9]+://", e.value); not startswith(e.value, "s3://models-bucket/") }
denied contains "11" if not job.metadata.namespace
denied contains "12" if not regex.match("^[a-z-]+$", job.metadata.name)
`
