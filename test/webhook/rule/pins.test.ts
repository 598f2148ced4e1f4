import t from 'tap'
import { annotations } from '../../../evidence/annotations.ts'
import { generateKeyPair, readSigningKey } from '../../../evidence/attestation/key.ts'
import type { CommitPin } from '../../../evidence/attestation/statement.ts'
import { annotated, attested, commit, facts, job, modelCommit, modelDigest } from '../attested.ts'
import { judge } from '../judged.ts'

const rule = { images: { pinnedBy: ['commit', 'digest'] } }
const name = 'registry.example.com/ml/trainer'
const field = 'spec.template.spec.containers[0].image'
const hex = modelDigest.slice(7)
const [built, changed, foreign] = ['1'.repeat(40), '2'.repeat(40), '3'.repeat(40)]
const pins: readonly CommitPin[] = [
  { tag: built, commit: built, isAncestor: true, sameSources: true },
  { tag: '1111111', commit: built, isAncestor: true, sameSources: true },
  { tag: changed, commit: changed, isAncestor: true, sameSources: false },
  { tag: foreign, commit: foreign, isAncestor: false, sameSources: true },
  { tag: '4444444', isAncestor: false, sameSources: false },
  { tag: commit.slice(0, 7), isAncestor: false, sameSources: false }
]

/** What the rule says about a signed Job with an image of this tag, after the field. */
function refused(tag: string) {
  const image = `${name}:${tag}`
  const object = { ...job, spec: { template: { spec: { containers: [{ image }] } } } }
  return judge(rule, attested(object, { ...facts, images: [image], pins }))
}

t.test(
  'A tag is the rendered commit, the model commit, its digest, or an ancestor with its sources',
  t => {
    const tags = [commit, modelCommit, modelCommit.slice(0, 7), hex, hex.slice(0, 12)]
    for (const tag of [...tags, built, '1111111']) t.same(refused(tag), [], tag)
    t.end()
  }
)

t.test('A tag that names anything else is refused, and the message says what history knows', t => {
  const allowed = `allowed: the tag ${commit} or ${modelCommit} or ${hex}, a digest`
  const fix = 'fix: reference the image by commit or digest'
  const found = (tag: string) => `found ${name}:${tag}; ${allowed}`
  t.same(refused(changed), [
    `${field}: the image is not pinned: its tag is an ancestor, but the model's sources there differ; ${found(changed)}; fix: reference an image that was built from the sources of this commit`
  ])
  const elsewhere = 'the image is not pinned: its tag is not a commit in the history of this one'
  for (const tag of [foreign, '4444444', commit.slice(0, 7)]) {
    t.same(refused(tag), [`${field}: ${elsewhere}; ${found(tag)}; ${fix}`], 'a pin refuses it')
  }
  const tags = [
    '5'.repeat(40),
    hex.slice(0, 11),
    hex.slice(0, 13),
    hex.slice(0, 63),
    hex.toUpperCase(),
    `v-${modelCommit}`,
    `${built}0`,
    modelCommit.slice(0, 6),
    'v1'
  ]
  for (const tag of tags) {
    t.same(refused(tag), [`${field}: the image is not pinned; ${found(tag)}; ${fix}`], tag)
  }
  t.end()
})

t.test('Without an attestation the annotations say which commit and digest a tag may be', t => {
  const claimed = (tag: string) => {
    const image = `${name}:${tag}`
    const object = { ...job, spec: { template: { spec: { containers: [{ image }] } } } }
    return judge(rule, annotated(object, { [annotations.modelDigest]: modelDigest }))
  }
  for (const tag of [commit, modelCommit, hex, hex.slice(0, 12)]) t.same(claimed(tag), [], tag)
  t.equal(claimed(built).length, 1, 'an ancestor must be attested')
  t.end()
})

t.test('What a statement that no trusted key signed says about tags does not count', t => {
  const { privatePem } = generateKeyPair()
  const stranger = readSigningKey(privatePem, 'a key that nobody trusts')
  const forged = (tag: string) => {
    const image = `${name}:${tag}`
    const object = { ...job, spec: { template: { spec: { containers: [{ image }] } } } }
    return judge(rule, attested(object, { ...facts, images: [image], pins }, stranger))
  }
  for (const tag of [built, '1111111']) {
    const found = `found ${name}:${tag}; allowed: the tag ${commit} or ${modelCommit}, a digest`
    const fix = 'fix: reference the image by commit or digest'
    t.same(forged(tag), [`${field}: the image is not pinned; ${found}; ${fix}`], tag)
  }
  t.end()
})

t.test('A tag does not say of which image it is: registries and provenance bind the name', t => {
  const image = `${name}:${commit}`
  const other = `registry.example.com/ml/other:${commit}`
  const spec = (image: string) => ({ template: { spec: { containers: [{ image }] } } })
  const signed = attested({ ...job, spec: spec(image) }, { ...facts, images: [image], pins })
  const exchanged = { ...signed, spec: spec(other) }
  t.same(judge(rule, signed), [])
  t.same(judge(rule, exchanged), [], 'the tag is the commit')
  const fix = 'fix: deploy the object that mlgitops rendered and signed, through Argo CD or Flux'
  t.same(judge({ provenance: {} }, exchanged), [
    `${field}: this image was not attested; found ${other}; allowed: ${image}; ${fix}`
  ])
  t.same(judge({ images: { registries: [name] } }, exchanged), [
    `${field}: the image comes from a registry that is not allowed; found ${other} (registry.example.com/ml/other); allowed: ${name}; fix: push the image to an allowed registry and reference it there`
  ])
  t.end()
})
