import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { isJsonObject, stringMember } from '../common/json.ts'
import type { JsonObject } from '../common/json.ts'
import { readYaml } from '../common/yaml/read.ts'
import { writeYaml } from '../common/yaml/write.ts'
import { readSigningKey } from '../evidence/attestation/key.ts'
import type { Key } from '../evidence/attestation/key.ts'
import type { BiasAudit } from '../evidence/bias-audit/bias-audit.ts'
import type { GroupCounts } from '../evidence/bias-audit/metrics.ts'
import { summariseBiasAudit } from '../evidence/bias-audit/summary.ts'
import { unknownHistory } from '../plugin/origin/content-history.ts'
import { attest } from '../plugin/stage/attest.ts'

const folder = 'manifests/tests/policies'
const commit = '4f1d2a9c0b7e6d5f3a8b1c2d4e5f60718293a4b5'
const modelCommit = '9b8a7c6d5e4f30211223344556677889900aabbc'
const modelDigest = `sha256:${'5a'.repeat(32)}`

/** A key that everybody can compute: it signs tests and must be trusted by nothing else. */
function testKey(seed: string): string {
  const pkcs8Header = Buffer.from('302e020100300506032b657004220420', 'hex')
  const secret = createHash('sha256').update(seed).digest()
  const der = Buffer.concat([pkcs8Header, secret])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return key.export({ format: 'pem', type: 'pkcs8' }).toString()
}

const trusted = testKey('mlgitops policy tests')
const foreign = testKey('mlgitops policy tests, a foreign key')

const groups = (young: GroupCounts, old: GroupCounts): BiasAudit['attributes'] => [
  {
    name: 'age-band',
    groups: [
      { name: 'under-40', ...young },
      { name: '40-and-over', ...old }
    ],
    metrics: {}
  }
]
const youngCounts = { n: 1600, selected: 332, tp: 310, fp: 22, fn: 48, tn: 1220 }
const oldCounts = { n: 2300, selected: 489, tp: 455, fp: 34, fn: 80, tn: 1731 }

const fairAudit: BiasAudit = {
  model: { name: 'churn', version: '1.10' },
  modelCommit,
  date: '2026-11-02',
  auditor: { name: 'Fairness Lab', independent: true },
  dataset: { name: 'holdout', rows: 3_900, kind: 'historical' },
  attributes: groups(youngCounts, oldCounts)
}

/** Audits that require-bias-audit refuses, by what is wrong with them. */
const wrongAudits: Readonly<Record<string, BiasAudit | undefined>> = {
  unaudited: undefined,
  stale: { ...fairAudit, date: '2025-11-02' },
  'other-commit': { ...fairAudit, modelCommit: commit },
  'small-group': {
    ...fairAudit,
    attributes: groups({ n: 20, selected: 4, tp: 4, fp: 0, fn: 1, tn: 15 }, oldCounts)
  },
  unfair: {
    ...fairAudit,
    attributes: groups({ n: 1600, selected: 116, tp: 100, fp: 16, fn: 258, tn: 1226 }, oldCounts)
  }
}

/** The attested resources of policy tests and the key that they are trusted by, by path. */
export async function policyTestFiles(): Promise<ReadonlyMap<string, string>> {
  const { publicKey, workloads } = readInputs()
  const fair = await Promise.all(workloads.map(object => attested(object, fairAudit)))
  const audits = await Promise.all(
    Object.entries(wrongAudits).flatMap(([what, audit]) =>
      workloads.map(object => attested(named(object, what), audit))
    )
  )
  const forged = await Promise.all(
    workloads.flatMap(object => [
      attested(named(object, 'foreign-key'), fairAudit, foreign),
      attested(object, fairAudit).then(signed => named(signed, 'copied')),
      attested(named(object, 'edited'), fairAudit).then(signed =>
        annotated(signed, { 'mlgitops.io/git-commit': modelCommit })
      )
    ])
  )
  return new Map([
    [`${folder}/test.pub`, publicKey],
    [`${folder}/attested.yaml`, stream(fair)],
    [`${folder}/require-bias-audit/wrong-audits.yaml`, stream(audits)],
    [`${folder}/require-provenance/forged.yaml`, stream(forged)]
  ])
}

function readInputs() {
  const publicKey = createPublicKey(trusted).export({ format: 'pem', type: 'spki' }).toString()
  const file = `${folder}/workloads.yaml`
  const text = readFileSync(path.join(import.meta.dirname, '..', file), 'utf8')
  const workloads = readYaml(text, { file }).map(({ value }) => value)
  return { publicKey, workloads: workloads.filter(isJsonObject) }
}

/** Signed as a render signs it. */
async function attested(
  object: JsonObject,
  audit: BiasAudit | undefined,
  pem = trusted
): Promise<JsonObject> {
  const key: Key = readSigningKey(pem, 'policy tests')
  const context = {
    repository: { url: 'https://git.example.com/acme/models.git', cloneUrl: '' },
    commit,
    modelCommit,
    modelDigest,
    isDirty: false,
    targetRevision: 'main',
    appName: undefined,
    namespace: 'ml',
    project: 'default',
    sourcePath: 'models/churn',
    environment: 'production'
  }
  const biasAudit = audit === undefined ? undefined : summariseBiasAudit(audit)
  const manifest = { object, where: () => 'workloads.yaml' }
  const evidence = { files: [], biasAudit, model: undefined, registryKinds: [] }
  const rendering = { context, history: unknownHistory(commit, 'no-history') }
  const [signed] = await attest([manifest], rendering, evidence, { kind: 'key', key })
  return signed?.object ?? object
}

function named(object: JsonObject, suffix: string): JsonObject {
  const metadata = object.metadata as JsonObject
  const name = `${stringMember(metadata, 'name') ?? ''}-${suffix}`
  return { ...object, metadata: { ...metadata, name } }
}

function annotated(object: JsonObject, more: JsonObject): JsonObject {
  const metadata = object.metadata as JsonObject
  const annotations = { ...(metadata.annotations as JsonObject), ...more }
  return { ...object, metadata: { ...metadata, annotations } }
}

function stream(objects: readonly JsonObject[]): string {
  return `# Generated by npm run generate.\n${objects.map(object => writeYaml(object)).join('---\n')}`
}
