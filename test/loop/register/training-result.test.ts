import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { safeParameters } from '../../../loop/register/safe-parameters.ts'
import { readTrainingResult } from '../../../loop/register/training-result.ts'
import { faultText } from '../../fault-text.ts'

const valid: JsonObject = {
  model: 'churn',
  version: '1.4',
  run: { system: 'mlflow', id: 'abc', uid: 'u-1' },
  commit: 'a'.repeat(40),
  artifact: { uri: 's3://models/churn.bin' },
  dataset: { name: 'churn', digest: 'md5:0123456789abcdef' },
  metrics: { precision: 0.9 }
}
const read = (changes: JsonObject) =>
  faultText(() => readTrainingResult(JSON.stringify({ ...valid, ...changes }), 'result.json'))

t.test('a valid result is read', t => {
  t.strictSame(readTrainingResult(JSON.stringify(valid), 'result.json'), valid)
  t.end()
})

t.test('what training code must not write into a repository is refused', t => {
  const run = { system: 'mlflow', id: 'abc', uid: 'u-1' }
  const cases: readonly (readonly [JsonObject, string])[] = [
    [
      { model: '../../etc' },
      'model: expected a name (lowercase letters, digits, - and ., at most 63 characters), found a string'
    ],
    [{ model: 'a..b' }, 'model: expected a name'],
    [{ model: 'a.lock' }, 'model: expected a name'],
    [{ model: 'Churn' }, 'model: expected a name'],
    [{ version: '1.4\nModel: other' }, 'version: expected a word'],
    [{ version: '@everyone' }, 'version: expected a word'],
    [
      { version: 1.1 },
      'version: expected a word (letters, digits and . _ : / + = -, starting with a letter or digit, at most 200 characters), found a number'
    ],
    [{ run: { ...run, uid: 'a b' } }, 'run.uid: expected a word'],
    [{ run: { ...run, uid: '' } }, 'run.uid: expected a word'],
    [
      { run: { ...run, url: 'javascript:alert(1)' } },
      'run.url: expected an http or https address without credentials'
    ],
    [
      { run: { ...run, url: 'https://user:secret@host/' } },
      'run.url: expected an http or https address without credentials'
    ],
    [{ commit: 'abc1234' }, 'commit: expected a full Git commit'],
    [{ artifact: { uri: 'model.bin' } }, 'artifact.uri: expected the address of the artifact'],
    [{ artifact: { uri: 's3://a b' } }, 'artifact.uri: expected the address of the artifact'],
    [
      { artifact: { uri: 's3://a', digest: 'md5:0123456789' } },
      'artifact.digest: expected a digest (sha256: and 64'
    ],
    [{ dataset: { name: 'churn' } }, 'dataset.digest: expected a digest with its algorithm'],
    [
      { dataset: { name: 'a\nb', digest: 'md5:0123456789abcdef' } },
      'dataset.name: expected a line of text'
    ],
    [
      { metrics: { precision: 1.2 } },
      'metrics.precision: expected a number from 0 to 1, found a number'
    ],
    [{ metrics: {} }, 'metrics: expected an object with at least one metric'],
    [
      { metrics: { precision: '0.9' } },
      'metrics.precision: expected a number from 0 to 1, found a string'
    ],
    [{ metricz: {} }, 'metricz: not a known field; known are "model", "version"'],
    [{ parameters: { a: { b: 1 } } }, 'parameters'],
    [
      { version: '1', dataset: { name: 'x {{ .Values.secret }}', digest: 'md5:0123456789abcdef' } },
      'result.dataset.name: has the braces of a template'
    ]
  ]
  for (const [changes, expected] of cases) {
    const text = read(changes)
    t.match(text, /^result\.json: the result does not match its schema:\n/, expected)
    t.ok(text.includes(expected), text)
  }
  t.match(read({ dirty: true }), '[RESULT_DIRTY]')
  t.end()
})

t.test('the text has to be strict JSON', t => {
  const of = (text: string) => faultText(() => readTrainingResult(text, 'result.json'))
  t.match(of('model: churn'), 'result.json: the result is not JSON [RESULT_INVALID]')
  t.match(of(JSON.stringify(valid).replace('0.9', 'NaN')), 'the result is not JSON')
  t.match(of(JSON.stringify(valid).replace('0.9', '1e999')), 'metrics.precision: expected a number')
  t.match(of(JSON.stringify(valid).replace('{', '{"model":"other",')), '[YAML_DUPLICATE_KEY]')
  t.match(of(`"${'x'.repeat(1024 * 1024)}"`), 'the result is larger than 1 Mi characters')
  t.end()
})

t.test('parameters that look like secrets are left out, and named', t => {
  const parameters = {
    trees: 400,
    learningRate: '5e-4',
    optimizer: 'adam',
    max_tokens: 512,
    isBalanced: true,
    apiKey: 'x',
    db_password: 'x',
    DATABASE_URL: 'x',
    token: 7,
    comment: 'ghp_0123456789abcdef',
    seed: 'a8f5f167f44f4964e6c998dee827110c',
    path: '/etc/passwd',
    note: 'a\nb'
  }
  t.strictSame(safeParameters(parameters, undefined), {
    kept: {
      isBalanced: 'true',
      learningRate: '5e-4',
      max_tokens: '512',
      optimizer: 'adam',
      trees: '400'
    },
    leftOut: ['apiKey', 'db_password', 'DATABASE_URL', 'token', 'comment', 'seed', 'path', 'note']
  })
  t.strictSame(safeParameters(parameters, ['seed', 'note']).kept, { seed: parameters.seed })
  t.end()
})
