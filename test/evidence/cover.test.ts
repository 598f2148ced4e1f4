import t from 'tap'
import type { Test } from 'tap'
import { coverOf } from '../../evidence/bias-audit/cover.ts'
import type { AuditedNames, Covered } from '../../evidence/bias-audit/cover.ts'
import type { ModelNames } from '../../evidence/commit-name.ts'

const commit = 'c'.repeat(40)
const modelCommit = 'd'.repeat(40)
const hex = 'e'.repeat(64)
const modelDigest = `sha256:${hex}`
const source: ModelNames = { commit, modelCommit, modelDigest, pins: [] }
const elsewhere: ModelNames = { commit: 'a'.repeat(40), modelCommit: 'b'.repeat(40), pins: [] }

function check(
  t: Test,
  what: 'uri' | 'image',
  cases: readonly (readonly [string, Covered])[],
  [audit, names]: readonly [AuditedNames, ModelNames]
) {
  const cover = coverOf(audit, names)
  for (const [text, covered] of cases) t.equal(cover[what](text), covered, text)
}

t.test('An artifact covers its URI, as text but for slashes at the end', t => {
  const audit = {
    artifacts: [{ uri: 's3://x/fraud/1.5.0', digest: modelDigest }, { uri: 'hf://a/b/' }]
  }
  const cases: readonly (readonly [string, Covered])[] = [
    ['s3://x/fraud/1.5.0', 'covered'],
    ['s3://x/fraud/1.5.0/', 'covered'],
    ['s3://x/fraud/1.5.0//', 'covered'],
    ['hf://a/b', 'covered'],
    ['s3://x/fraud/6.6.6', 'other'],
    ['s3://x/fraud/1.5.0-evil', 'other'],
    ['s3://x/fraud/1.5.0/model.pkl', 'other'],
    ['s3://x/fraud/1.5', 'other'],
    ['s3://x/fraud', 'other'],
    ['s3://x/fraud/./1.5.0', 'other'],
    ['s3://x/fraud/1.5.0/../6.6.6', 'other'],
    ['s3://x/fraud/1%2E5.0', 'other'],
    ['s3://x/fraud/1.5.0?versionId=2', 'other'],
    ['s3://x/fraud/1.5.0#x', 'other'],
    ['S3://x/fraud/1.5.0', 'other'],
    ['s3://X/fraud/1.5.0', 'other'],
    ['s3://y/x/fraud/1.5.0', 'other'],
    ['x/fraud/1.5.0', 'other'],
    [' s3://x/fraud/1.5.0', 'other'],
    ['', 'other']
  ]
  check(t, 'uri', cases, [audit, source])
  const expression = 's3://x/$(params.model)'
  const filled = { artifacts: [{ uri: expression }] }
  check(t, 'uri', [[expression, 'other']], [filled, source])
  t.end()
})

t.test('A URI is covered by a whole path segment that names the audited content', t => {
  const segments: readonly (readonly [string, Covered])[] = [
    [`s3://x/${modelCommit}/model.pkl`, 'covered'],
    [`s3://x/${modelCommit}`, 'covered'],
    [`s3://x/${modelCommit}/`, 'covered'],
    [`s3://x/${modelCommit.slice(0, 7)}/m`, 'covered'],
    [`pvc://claim/m/${modelCommit}`, 'covered'],
    [`models/${modelCommit}`, 'covered'],
    [`/mnt/models/${modelCommit}`, 'covered'],
    [`s3://x/${modelCommit.slice(0, 6)}/m`, 'other'],
    [`s3://${modelCommit}/m`, 'other'],
    [`s3://x/${modelCommit}-evil/m`, 'other'],
    [`s3://x/v${modelCommit}/m`, 'other'],
    [`s3://x/${modelCommit}0/m`, 'other'],
    [`s3://x/${modelCommit.toUpperCase()}/m`, 'other'],
    [`s3://x/${modelCommit}/../evil`, 'other'],
    [`s3://x/./${modelCommit}`, 'other'],
    [`s3://x/evil%2F${modelCommit}`, 'other'],
    [`s3://x/evil%2F/${modelCommit}`, 'other'],
    [`s3://x/evil?/${modelCommit}/`, 'other'],
    [`s3://x/evil#/${modelCommit}`, 'other'],
    [`s3://x/evil\\${modelCommit}`, 'other'],
    [`s3://x/{{y}}/${modelCommit}`, 'other'],
    [`s3://u@x/${modelCommit}`, 'other'],
    [`s3:/x/${modelCommit}`, 'other'],
    [`x:y/${modelCommit}`, 'other'],
    [`s3://x/evil ${modelCommit}`, 'other'],
    [`s3://x/evil/ /${modelCommit}`, 'other']
  ]
  const named = { modelCommit }
  check(t, 'uri', segments, [named, elsewhere])
  check(t, 'uri', segments, [named, source])
  const digests: readonly (readonly [string, Covered])[] = [
    [`s3://x/${hex}/m`, 'covered'],
    [`s3://x/${hex.slice(0, 12)}/m`, 'covered'],
    [`s3://x/${hex.slice(0, 11)}/m`, 'other'],
    [`s3://x/${hex.slice(0, 13)}/m`, 'other'],
    [`s3://x/sha256:${hex}/m`, 'other'],
    [`s3://x/${modelCommit}/m`, 'other']
  ]
  check(t, 'uri', digests, [{ modelDigest }, elsewhere])
  t.end()
})

t.test('An audit of the sources covers every name of their content', t => {
  const built = '1'.repeat(40)
  const other = '2'.repeat(40)
  const pins = [
    { tag: built, commit: built, isAncestor: true, sameSources: true },
    { tag: '1111111', commit: built, isAncestor: true, sameSources: true },
    { tag: other, commit: other, isAncestor: true, sameSources: false },
    { tag: '3333333', isAncestor: false, sameSources: false },
    { tag: '4444444', isAncestor: false, sameSources: true }
  ]
  const names = [commit, modelCommit, hex, hex.slice(0, 12), built, '1111111']
  const cases = (covered: Covered) => [
    ...names.map(name => [`s3://x/${name}/m`, covered] as const),
    ...[other, '3333333', '4444444'].map(name => [`s3://x/${name}`, 'other'] as const)
  ]
  const known = { ...source, pins }
  check(t, 'uri', cases('covered'), [{ modelDigest }, known])
  check(t, 'uri', cases('covered'), [{ modelCommit }, known])
  check(t, 'uri', cases('sources'), [{ modelCommit: 'f'.repeat(40) }, known])
  check(t, 'uri', cases('sources'), [{ artifacts: [{ uri: 's3://x' }] }, known])
  t.end()
})

t.test('A short name that history says is of another commit, or of several, names nothing', t => {
  const tag = modelCommit.slice(0, 7)
  const names = (commit?: string): ModelNames => ({
    ...elsewhere,
    pins: [{ tag, isAncestor: false, sameSources: false, ...(commit && { commit }) }]
  })
  const uri = `s3://x/${tag}`
  check(t, 'uri', [[uri, 'covered']], [{ modelCommit }, names(modelCommit)])
  check(t, 'uri', [[uri, 'other']], [{ modelCommit }, names(`${tag}${'0'.repeat(33)}`)])
  check(t, 'uri', [[uri, 'other']], [{ modelCommit }, names()])
  t.end()
})

t.test('An image is covered by an artifact, or by its whole tag', t => {
  const digest = `sha256:${'7'.repeat(64)}`
  const artifacts = [
    { uri: 'ghcr.io/acme/fraud:1.5.0', digest },
    { uri: 'ghcr.io/acme/tagged:1' },
    { uri: `ghcr.io/acme/exact@${digest}` },
    { uri: 'oci://ghcr.io/acme/car:2', digest },
    { uri: 'plain' }
  ]
  const audit = { artifacts, modelCommit }
  const cases: readonly (readonly [string, Covered])[] = [
    ['ghcr.io/acme/fraud:1.5.0', 'covered'],
    [`ghcr.io/acme/fraud@${digest}`, 'covered'],
    [`ghcr.io/acme/fraud:2@${digest}`, 'covered'],
    ['GHCR.io/acme/fraud:1.5.0', 'covered'],
    [`ghcr.io/acme/exact@${digest}`, 'covered'],
    ['ghcr.io/acme/car:2', 'covered'],
    ['docker.io/library/plain', 'covered'],
    ['plain:latest', 'covered'],
    [`ghcr.io/acme/any:${modelCommit}`, 'covered'],
    [`ghcr.io/acme/any:${modelCommit.slice(0, 12)}`, 'covered'],
    ['ghcr.io/acme/fraud:6.6.6', 'other'],
    ['ghcr.io/acme/fraud', 'other'],
    [`ghcr.io/acme/fraud:1.5.0@sha256:${'8'.repeat(64)}`, 'other'],
    [`ghcr.io/acme/tagged:1@${digest}`, 'other'],
    ['ghcr.io/acme/exact:1', 'other'],
    [`ghcr.io/evil/fraud@${digest}`, 'other'],
    [`ghcr.io/acme/any:${modelCommit}@${digest}`, 'other'],
    [`ghcr.io/acme/any:v-${modelCommit}`, 'other'],
    [`ghcr.io/${modelCommit}/any:1`, 'other'],
    ['ghcr.io/acme/fraud:1.5.0-evil', 'other'],
    ['ghcr.io/acme/fraud-evil:1.5.0', 'other'],
    ['plain:2', 'other'],
    ['A b', 'other']
  ]
  check(t, 'image', cases, [audit, elsewhere])
  const models: readonly (readonly [string, Covered])[] = [
    ['oci://ghcr.io/acme/car:2', 'covered'],
    [`oci://ghcr.io/acme/car@${digest}`, 'covered'],
    [`OCI://ghcr.io/acme/any:${modelCommit}`, 'covered'],
    ['oci://ghcr.io/acme/car:3', 'other'],
    [`oci://ghcr.io/${modelCommit}/any:1`, 'other']
  ]
  check(t, 'uri', models, [audit, elsewhere])
  const cover = coverOf(audit, elsewhere)
  const versions = ['ghcr.io/acme/fraud:9', `ghcr.io/acme/car@${digest}`, 'ghcr.io/acme/x:1', 'A b']
  t.same(
    versions.map(image => cover.isVersionOfAudited(image)),
    [true, true, false, false]
  )
  t.end()
})
