import t from 'tap'
import { readOwnEvent } from '../../analysis/event/own-event.ts'
import { parseJson } from '../../common/parse-json.ts'

const envelope = { id: 'e', source: '/t', time: undefined, extension: () => undefined }
const identity = { rollout: 'ml/churn', id: 'r' }
const prediction = { ...identity, variant: 'canary', predicted: 1.5, latencyMs: 1 }

/** Reads an event whose data have these members, written as JSON. */
const read = (kind: 'prediction' | 'feedback', members: string) => {
  const data = parseJson(
    `${JSON.stringify(kind === 'prediction' ? prediction : identity).slice(0, -1)},${members}}`
  )
  return readOwnEvent({ ...envelope, type: `io.mlgitops.${kind}`, data }, 0)
}

t.test('Numbers, a score and scores are read', t => {
  t.match(
    read('prediction', '"label":2.25,"score":-3e2,"scores":{"helpful":1,"tone_2":0,"x":null}'),
    {
      ...{ predicted: '1.5', label: '2.25', score: -300 },
      scores: { helpful: 1, tone_2: 0 }
    }
  )
  t.same(read('feedback', '"scores":{"helpful":0.5},"score":"ignored"'), {
    ...{ kind: 'feedback', rollout: { namespace: 'ml', name: 'churn' }, id: 'r', timeMs: 0 },
    label: undefined,
    scores: { helpful: 0.5 }
  })
  for (const nothing of ['"score":null', '"scores":null', '"scores":{}', '"scores":{"x":null}']) {
    const found = read('prediction', nothing)
    t.notOk('score' in found || 'scores' in found, nothing)
  }
  t.end()
})

t.test('What is no such number is refused with what is expected', t => {
  const many = Array.from({ length: 33 }, (_, at) => `"s${at}":1`).join()
  for (const [kind, members, refused] of [
    ['prediction', '"score":1e999', 'score must be a finite number'],
    ['prediction', '"score":"0.9"', 'score must be a finite number'],
    ['prediction', '"score":true', 'score must be a finite number'],
    ['prediction', '"score":12345678901234567890', 'score must be a finite number'],
    ['prediction', '"scores":[0.5]', 'scores must be an object of names and numbers'],
    ['prediction', '"scores":{"helpful":1.01}', 'scores.helpful must be a number from 0 to 1'],
    ['prediction', '"scores":{"helpful":-0.1}', 'scores.helpful must be a number from 0 to 1'],
    ['prediction', '"scores":{"helpful":"1"}', 'scores.helpful must be a number from 0 to 1'],
    ['prediction', '"scores":{"helpful":1e999}', 'scores.helpful must be a number from 0 to 1'],
    ['feedback', '"scores":{"helpful":2}', 'scores.helpful must be a number from 0 to 1'],
    ['prediction', `"scores":{${many}}`, 'scores may have at most 32 names'],
    [
      ...(['prediction', '"scores":{"a b":1}'] as const),
      'scores has the name "a b", expected 1 to 63 letters, digits, - and _ that start with a letter or digit'
    ],
    ['feedback', '"scores":{}', 'feedback needs a label or scores'],
    ['feedback', '"scores":{"helpful":null}', 'feedback needs a label or scores'],
    ['feedback', '"label":"NaN"', 'label is NaN, which is not a class'],
    [
      ...(['feedback', '"label":1e999'] as const),
      'label is a number beyond 1.8e308, which is neither a class nor a value'
    ],
    [
      ...(['feedback', '"label":-1e999'] as const),
      'label is a number beyond 1.8e308, which is neither a class nor a value'
    ]
  ] as const) {
    t.same(read(kind, members), { refused }, members)
  }
  t.end()
})

t.test('Names of scores that objects have already are names like others', t => {
  t.match(read('prediction', '"scores":{"constructor":0.5,"toString":1}'), {
    scores: { constructor: 0.5, toString: 1 }
  })
  t.end()
})
