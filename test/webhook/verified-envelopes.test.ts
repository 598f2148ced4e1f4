import t from 'tap'
import { annotations } from '../../evidence/annotations.ts'
import { generateKeyPair, readSigningKey, readTrustedKey } from '../../evidence/attestation/key.ts'
import type { Key } from '../../evidence/attestation/key.ts'
import { verifyAttestation } from '../../webhook/subject/attestation.ts'
import { annotationOf, subjectOfManifest } from '../../webhook/subject/subject.ts'
import { annotated, attested, facts, job, trustedKey } from './attested.ts'

const now = new Date('2026-11-24T12:00:00Z')
const later = new Date('2026-12-24T12:00:00Z')

function kindOf(object = attested(), trusted: readonly Key[] = [trustedKey], at = now): string {
  return verifyAttestation(subjectOfManifest(object), trusted, at).kind
}

t.test(
  'what was verified once is verified for the same keys only, and until one of them ends',
  t => {
    const trusted = [{ ...trustedKey, notAfter: new Date('2026-12-01T00:00:00Z') }]
    const pair = generateKeyPair()
    for (let review = 0; review < 3; review += 1) {
      t.equal(kindOf(attested(), trusted), 'verified')
      t.equal(kindOf(attested(), trusted, later), 'refused', 'the key has ended')
      t.equal(kindOf(attested(), [readTrustedKey(pair.publicPem, 'other')]), 'refused')
    }
    t.end()
  }
)

t.test('a verified envelope proves nothing about another object, and no other envelope', t => {
  const signed = attested()
  t.equal(kindOf(signed), 'verified')
  const { metadata } = signed
  t.equal(kindOf({ ...signed, metadata: { ...(metadata as object), name: 'other' } }), 'refused')
  const text = annotationOf({ object: signed }, annotations.attestation) ?? ''
  const forged = annotated(signed, {
    [annotations.attestation]: text.replace('"sig":"', '"sig":"A')
  })
  for (let review = 0; review < 3; review += 1) t.equal(kindOf(forged), 'refused')
  const forger = readSigningKey(generateKeyPair().privatePem, 'forger')
  t.equal(kindOf(attested(job, facts, forger)), 'refused')
  t.end()
})

t.test(
  'each object has its own envelope, and a later one of the same object takes its place',
  t => {
    const [first, second] = [attested(), attested(job, { ...facts, environment: 'staging' })]
    for (let review = 0; review < 3; review += 1) {
      t.equal(kindOf(first), 'verified')
      t.equal(kindOf(second), 'verified')
    }
    t.end()
  }
)
