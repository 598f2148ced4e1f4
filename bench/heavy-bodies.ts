import path from 'node:path'
import { evaluateWithCel } from '../webhook/evaluate.ts'
import { readPolicyFolder } from '../webhook/policy/folder.ts'
import { buildPolicySet } from '../webhook/policy/policy-set.ts'
import { decodeReview } from '../webhook/review/decode.ts'
import { encodeResponse } from '../webhook/review/respond.ts'
import { heavyBodies, heavyKeys } from './admit/heavy-bodies.ts'
import { plainPolicies } from './admit/policies.ts'
import { plainReview } from './admit/reviews.ts'

const repeats = 5
const warmUps = 3_000

/**
 * `npm run bench:heavy`: how long the most expensive accepted bodies block the thread that answers
 * everybody. They are read, judged by the ready-made policies and twelve more, and answered.
 */
function bench(): void {
  const folder = path.join(import.meta.dirname, '../manifests/policies')
  const sources = plainPolicies().map(value => ({ value, where: 'bench' }))
  const ready = readPolicyFolder(folder, 'manifests/policies', [])
  const more = buildPolicySet([...sources, ...selecting()], [])
  const set = { policies: [...ready.policies, ...more.policies], exceptions: [] }
  const known = { trustedKeys: heavyKeys, controllers: [], namespaceLabels: undefined }
  const context = { ...known, now: new Date() }
  const evaluator = { evaluate: () => Promise.reject(new Error('no policy here has expressions')) }
  const answer = (body: Buffer) => {
    const review = decodeReview(body)
    if (review.kind === 'refused') throw new Error(review.reason)
    if (review.subject === undefined) throw new Error('nothing was judged')
    const decision = evaluateWithCel(review.subject, set, context, { evaluator })
    if (decision instanceof Promise) throw new Error('the decision has to be there at once')
    return encodeResponse(review.uid, decision).length
  }
  for (let at = 0; at < warmUps; at += 1) answer(plainReview)
  say('| body | bytes | first ms | best of five ms |\n|---|---|---|---|\n')
  for (const [name, make] of Object.entries(heavyBodies)) {
    const body = make()
    const times = Array.from({ length: repeats }, () => {
      const startedMs = performance.now()
      answer(body)
      return performance.now() - startedMs
    })
    const [first = NaN, best] = [times[0], Math.min(...times)]
    say(`| ${name} | ${body.length} | ${first.toFixed(0)} | ${best.toFixed(0)} |\n`)
  }
}

/** Policies that select by a label, so that each reads the labels of the object. */
function selecting() {
  return Array.from({ length: 12 }, (_, at) => ({
    value: {
      apiVersion: 'mlgitops.io/v1alpha1',
      kind: 'ModelPolicy',
      metadata: { name: `selecting-${at}` },
      spec: {
        validationActions: ['Deny'],
        matchConstraints: { objectSelector: { matchLabels: { team: 'a' } } },
        rules: [{ labels: { required: [{ key: 'owner' }] } }]
      }
    },
    where: 'bench'
  }))
}

function say(text: string): void {
  process.stdout.write(text)
}

bench()
