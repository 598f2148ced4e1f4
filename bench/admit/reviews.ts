import type { JsonObject } from '../../common/json.ts'
import { generateKeyPair, readSigningKey } from '../../evidence/attestation/key.ts'
import { annotations } from '../../evidence/annotations.ts'
import { inTotoPayloadType, signEnvelope } from '../../evidence/attestation/dsse.ts'
import { encodeRendered } from '../../evidence/binding/rendered-object.ts'
import { buildStatement, encodeStatement } from '../../evidence/attestation/statement.ts'

const commit = 'c'.repeat(40)
const image = `registry.example.com/ml/trainer:${commit}`
const container = (name: string) => ({
  name,
  image,
  args: ['--learning-rate', '0.01', '--epochs', '20', '--output', '/mnt/model'],
  env: [
    { name: 'GIT_COMMIT', value: commit },
    { name: 'DATASET', value: 's3://models-bucket/churn/train.parquet' }
  ],
  resources: { requests: { cpu: '2', memory: '4Gi' }, limits: { cpu: '4', memory: '8Gi' } }
})

const base: JsonObject = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: {
    name: 'train-churn',
    namespace: 'ml',
    labels: { team: 'ml-platform', 'app.kubernetes.io/part-of': 'models' },
    annotations: { [annotations.gitCommit]: commit, [annotations.modelCommit]: commit }
  }
}

/** What the API server adds to a container. */
const containerDefaults = {
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent'
}

/** A training Job of two containers and an init container, as it is rendered. */
const rendered = jobWith({}, {}, {})

/** The same Job as the API server shows it to its webhooks. */
const job = jobWith(
  {
    parallelism: 1,
    completions: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: 'TerminatingOrFailed'
  },
  {
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler'
  },
  containerDefaults
)

function jobWith(spec: JsonObject, pod: JsonObject, more: JsonObject): JsonObject {
  const containers = [container('train'), container('report')].map(each => ({ ...each, ...more }))
  const initContainers = [{ ...container('fetch'), ...more }]
  const template = { spec: { initContainers, containers, restartPolicy: 'Never', ...pod } }
  return { ...base, spec: { template, ...spec } }
}

/** The key that signs {@link signedReview}: a private half, and the public one for the server. */
export const keyPair = generateKeyPair()

/** A review of about 3 KB. */
export const plainReview = reviewOf(job)

/** The same Job with its attestation. */
export const signedReview = reviewOf(signed())

/** A review of about 1.5 MB: the same Job with one long annotation in many pieces. */
export const largeReview = reviewOf({
  ...job,
  data: Array.from({ length: 15_000 }, (_, at) => ({ index: at, text: 'x'.repeat(75) }))
})

function signed(): JsonObject {
  const statement = buildStatement({
    object: { group: 'batch', kind: 'Job', namespace: 'ml', name: 'train-churn' },
    rendered: encodeRendered(rendered),
    source: {
      repository: 'https://git.example.com/acme/models.git',
      commit,
      modelCommit: commit,
      modelDigest: `sha256:${'d'.repeat(64)}`,
      model: 'churn',
      path: 'models/churn',
      targetRevision: 'main'
    },
    images: [image],
    models: [],
    pins: [],
    opaque: [],
    evidence: []
  })
  const key = readSigningKey(keyPair.privatePem, 'bench')
  const envelope = signEnvelope(encodeStatement(statement), inTotoPayloadType, key)
  const metadata = job.metadata as JsonObject
  const all = {
    ...(metadata.annotations as JsonObject),
    [annotations.attestation]: JSON.stringify(envelope)
  }
  return { ...job, metadata: { ...metadata, annotations: all } }
}

function reviewOf(object: JsonObject): Buffer {
  const kind = { group: 'batch', version: 'v1', kind: 'Job' }
  const resource = { group: 'batch', version: 'v1', resource: 'jobs' }
  const request = {
    uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    kind,
    resource,
    requestKind: kind,
    requestResource: resource,
    name: 'train-churn',
    namespace: 'ml',
    operation: 'CREATE',
    userInfo: { username: 'jane', groups: ['system:authenticated'] },
    object,
    oldObject: null,
    dryRun: false,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' }
  }
  return Buffer.from(
    JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request })
  )
}
