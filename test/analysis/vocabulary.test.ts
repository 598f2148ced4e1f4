import t from 'tap'
import { className, isNotANumber } from '../../analysis/counter/class-name.ts'
import { predictedClass } from '../../analysis/counter/predicted-class.ts'
import type { Message } from '../../analysis/event/message.ts'
import { batched, counts, json, post } from './analysis-requests.ts'
import { BenchTop, rollout } from './bench-top.ts'
import { InProcess } from './in-process.ts'

t.test('Numbers, numeric texts and booleans are equal by value', t => {
  for (const one of ['1', '1.0', '01', '1e0', '+1', 'true', 'True', 'TRUE', '1.']) {
    t.equal(className(one), '1', one)
  }
  for (const zero of ['0', '0.0', '-0', 'false', 'False']) t.equal(className(zero), '0', zero)
  for (const [text, name] of [
    ['0.50', '0.5'],
    ['.5', '0.5'],
    ['-3', '-3'],
    ['truest', 'truest'],
    ['1a', '1a'],
    ['', ''],
    ['Infinity', 'Infinity'],
    ['9007199254740993', '9007199254740993'],
    ['9007199254740992.0', '9007199254740992.0']
  ] as const) {
    t.equal(className(text), name, text)
  }
  t.same(['NaN', 'nan', 'NAN', 'nano', 'a'].map(isNotANumber), [true, true, true, false, false])
  t.end()
})

t.test('Scores become classes by threshold and by order', t => {
  const rules = { positive: '1', threshold: undefined, classes: undefined }
  const fraud = ['ok', 'fraud']
  for (const [prediction, given, name] of [
    [[0.1, 0.9], {}, '1'],
    [[0.9, 0.1], {}, '0'],
    [[1], {}, '1'],
    ['1.0', {}, '1'],
    [true, {}, '1'],
    [[0.1, 0.9], { classes: fraud }, 'fraud'],
    [0.93, { threshold: 0.5 }, '1'],
    ['0.93', { threshold: 0.5 }, '1'],
    [[0.93], { threshold: 0.95 }, '\u0000not positive'],
    [[0.1, 0.9], { threshold: 0.95 }, '0'],
    [[0.4, 0.6], { threshold: 0.5 }, '1'],
    [[0.6, 0.4], { threshold: 0.3, classes: fraud, positive: 'fraud' }, 'fraud']
  ] as const) {
    t.same(predictedClass(prediction, { ...rules, ...given }), { name })
  }
  for (const [prediction, given, unusable] of [
    ['NaN', {}, 'a prediction is NaN, which is not a class'],
    ['high', { threshold: 0.5 }, 'a prediction is not a number, so the threshold does not apply'],
    [['a', 'b'], {}, 'a prediction is not an array of numbers'],
    [[1, 2, 3], { classes: fraud }, 'a prediction has 3 scores, and classes has 2'],
    [null, {}, 'a prediction is not a class']
  ] as const) {
    t.same(predictedClass(prediction, { ...rules, ...given }), { unusable })
  }
  t.end()
})

const at = new Date(Date.UTC(2026, 10, 24, 12)).toISOString()

/** Logs a request and its response as KServe does. */
const log = async (service: InProcess, id: string, response: unknown, variant = 'canary') => {
  for (const [kind, body] of [
    ['request', { inputs: [] }],
    ['response', response]
  ] as const) {
    const reply = await post(`${service.url}/v1/events/${variant}`, JSON.stringify(body), {
      ...json,
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-source': '/t',
      'ce-type': `org.kubeflow.serving.inference.${kind}`,
      'ce-time': at,
      'ce-namespace': 'ml',
      'ce-inferenceservicename': 'churn'
    })
    if (reply.status !== 200) return reply
  }
  return undefined
}

const label = async (service: InProcess, id: string, value: unknown) =>
  await post(
    `${service.url}/v1/events`,
    JSON.stringify([
      {
        specversion: '1.0',
        id: `l-${id}`,
        source: '/t',
        type: 'io.mlgitops.feedback',
        time: at,
        data: { rollout: 'ml/churn', id, label: value }
      }
    ]),
    batched
  )

t.test('A perfect model is right in each vocabulary', async t => {
  const v2 = (name: string, data: unknown, shape: unknown) => ({
    outputs: [{ name, datatype: 'FP64', shape, data }]
  })
  for (const [settings, response, value] of [
    [{}, { predictions: [[0.1, 0.9]] }, 1],
    [{}, { predictions: ['1.0'] }, 1],
    [{}, { predictions: [true] }, 1],
    [{}, { predictions: [1] }, 'True'],
    [{ threshold: '0.5' }, { predictions: [0.93] }, 1],
    [{ threshold: '0.5' }, { predictions: [[0.07]] }, 'no'],
    [{ classes: 'ham,spam' }, { predictions: [[0.2, 0.8]] }, 'spam'],
    [{ output: 'label' }, { predictions: [{ score: 0.2, label: 'spam' }] }, 'spam'],
    [{ output: '1' }, { predictions: [{ score: 0.2, label: 'spam' }] }, 'spam'],
    [{ output: 'score', threshold: '0.1' }, { predictions: [{ score: 0.2, label: 'x' }] }, 1],
    [{}, v2('y', [1], [1]), 1],
    [{}, v2('y', [1], [1, 1]), true],
    [{}, v2('proba', [0.1, 0.9], [1, 2]), 1],
    [
      { output: 'y' },
      { outputs: [...v2('p', [0.3], [1]).outputs, ...v2('y', ['spam'], [1]).outputs] },
      'spam'
    ],
    [
      { output: '1' },
      { outputs: [...v2('p', [0.3], [1]).outputs, ...v2('y', [true], [1]).outputs] },
      1
    ]
  ] as const) {
    const service = await new InProcess().start()
    await service.hook('rollout', { 'accuracy.min': '0.5', maturity: '0s', ...settings })
    t.equal(await log(service, 'a', response), undefined)
    await label(service, 'a', value)
    const name = `${JSON.stringify(settings)} ${JSON.stringify(response)}`
    t.equal(await counts(service.url), 'accuracy 0/1', name)
    await service.stop()
  }
})

t.test('A label NaN is no class', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  for (const value of ['NaN', 'nan']) {
    t.match(await label(service, 'a', value), {
      status: 400,
      body: 'label is NaN, which is not a class'
    })
  }
})

interface Joined {
  readonly predicted: string
  readonly label: string
}

const sendJoined = async (bench: BenchTop, length: number, each: Joined) => {
  await bench.analyst.ingest(Array.from({ length }, () => bench.prediction(each)))
}

t.test(
  'Predictions and labels without a common value are a source error, not a verdict',
  async t => {
    for (const restart of [false, true]) {
      const bench = new BenchTop()
      const metadata = {
        'accuracy.min': '0.9',
        maturity: '0s',
        'min-intervals': '1',
        'max-analysis': '1m'
      }
      await bench.hook('rollout', metadata)
      await sendJoined(bench, 20, { predicted: 'fraud', label: '1' })
      if (restart) bench.restart()
      await sendJoined(bench, 20, { predicted: 'ok', label: '0' })
      const problem =
        'canary: predictions and labels have no value in common after 40 joined events: predictions are "fraud", "ok", labels are "1", "0"; name output, threshold or classes, or tolerance for numbers'
      if (restart) bench.restart()
      t.equal(await bench.hook('confirm-promotion', metadata), `424 the source is down: ${problem}`)
      t.equal(await bench.hook('rollback', metadata), `404 the source is down: ${problem}`)
      bench.nowMs += 120_000
      t.same(bench.verdicts(), ['accuracy: no-data, 40 of 40'], 'no policy settles it')
      await sendJoined(bench, 1, { predicted: '1', label: '1' })
      t.match(
        await bench.hook('rollback', metadata),
        /^200 fail/,
        'now they have a value in common'
      )
    }
  }
)

t.test('classes that name all values make the same events a fact about the model', async t => {
  const bench = new BenchTop()
  const metadata = {
    'accuracy.min': '0.9',
    maturity: '0s',
    'min-intervals': '1',
    classes: 'ham, spam'
  }
  await bench.hook('rollout', metadata)
  await sendJoined(bench, 40, { predicted: 'ham', label: 'spam' })
  t.match(await bench.hook('rollback', metadata), /^200 fail: accuracy at most 0\.167; /)
})

t.test('Before 30 joined events there is neither an error nor a verdict by it', async t => {
  const bench = new BenchTop()
  const metadata = { 'accuracy.min': '0.9', maturity: '0s', 'min-intervals': '1' }
  await bench.hook('rollout', metadata)
  await sendJoined(bench, 29, { predicted: 'fraud', label: '1' })
  t.match(await bench.hook('rollback', metadata), /^404 inconclusive/)
})

t.test('Precision, whose events need the positive class, gets the error too', async t => {
  const bench = new BenchTop()
  const metadata = { 'precision.min': '0.9', maturity: '0s' }
  await bench.hook('rollout', metadata)
  await sendJoined(bench, 30, { predicted: '0.93', label: '1' })
  t.match(await bench.hook('confirm-promotion', metadata), /^424 .*predictions are "0\.93"/)
})

t.test('Predictions without a class are a source error with the reason', async t => {
  const bench = new BenchTop()
  const metadata = { 'accuracy.min': '0.9', threshold: '0.5', maturity: '0s' }
  await bench.hook('rollout', metadata)
  await sendJoined(bench, 30, { predicted: 'high', label: '1' })
  t.match(
    await bench.hook('confirm-promotion', metadata),
    /^424 .*predictions have no class: a prediction is not a number/
  )
})

t.test('A failure that is proved otherwise outweighs the source error', async t => {
  const bench = new BenchTop()
  const metadata = {
    'accuracy.min': '0.9',
    'error-rate.max': '0.01',
    maturity: '0s',
    'min-intervals': '1'
  }
  await bench.hook('rollout', metadata)
  await sendJoined(bench, 40, { predicted: 'fraud', label: '1' })
  const failed: Message[] = Array.from({ length: 40 }, () =>
    bench.prediction({ isError: true, predicted: undefined })
  )
  await bench.analyst.ingest(failed)
  t.match(await bench.hook('rollback', metadata), /^200 fail: error rate at least 0\.316; /)
})

t.test('Mirrored predictions count in both arms, and their label goes to both', async t => {
  for (const isLabelFirst of [false, true]) {
    const bench = new BenchTop()
    await bench.hook('rollout', { 'accuracy.versus': 'primary', maturity: '0s', block: '10s' })
    const label = (id: string): Message => ({
      kind: 'feedback',
      rollout,
      id,
      timeMs: bench.nowMs,
      label: '1'
    })
    const both = (id: string): Message[] => [
      bench.prediction({ id, variant: 'primary', predicted: '1' }),
      bench.prediction({ id, variant: 'canary', predicted: '0' })
    ]
    const ids = Array.from({ length: 10 }, (_, index) => `m${index}`)
    const messages = ids.flatMap(id =>
      isLabelFirst ? [label(id), ...both(id)] : [...both(id), label(id)]
    )
    await bench.analyst.ingest(messages)
    await bench.analyst.ingest(ids.flatMap(both))
    bench.restart()
    bench.nowMs += 20_000
    const view = bench.analyst.view(rollout)
    const [objective] = view.kind === 'judged' ? (view.judged.verdicts[0]?.objectives ?? []) : []
    t.match(objective, { events: 10, bad: 10, primary: { events: 10, bad: 0, estimate: 1 } })
  }
})
