import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'

const sentiment = 'models/sentiment'
const secret = 's3cr3t-of-nobody'

/** Whatever goes wrong is told in the Application, and nothing that runs is taken away. */
export async function proveFaults(bench: Bench, points: Points): Promise<void> {
  const app = bench.known('sentiment-tuned')
  const resources = await app.resources()
  const namespace = await bench.extraNamespace('tuned')
  const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/sentiment`
  const template = bench.read(`${sentiment}/deployment.yaml`)
  const values = bench.read(`${sentiment}/values.yaml`)
  const told: string[] = []
  const fails = (
    name: string,
    files: Readonly<Record<string, string | undefined>>,
    wanted: RegExp
  ) =>
    points.check(name, async () => {
      const whole = Object.fromEntries(Object.keys(files).map(file => [file, bench.read(file)]))
      bench.commit(name, files)
      try {
        told.push(await app.untilTold('ComparisonError', wanted))
        assert.deepEqual(await app.resources(), resources)
        assert.equal((await bench.client.get(deployment)).status, 200)
      } finally {
        bench.commit(`${name}, mended`, whole)
      }
    })
  await fails(
    'a broken template: our message whole, nothing pruned',
    {
      [`${sentiment}/deployment.yaml`]: template.replace(
        '{{ .Values.sentiment.version }}',
        '{{ .Values.sentiment.verison }}'
      )
    },
    /`mlgitops render \.` failed exit status 1: mlgitops: deployment\.yaml:\d+:\d+: no value for \.Values\.sentiment\.verison \[TEMPLATE_VALUE_MISSING\]\n {2}found: {4}\.Values\.sentiment has (?:"\w+", )+"version"\n {2}remedy: {3}Set it in a value file or a parameter, or give a default/
  )
  await fails(
    'a values file that cannot be read: told without what is in it, nothing pruned',
    { [`${sentiment}/values.yaml`]: `password: ${secret}\n  sentiment: [${secret}\n` },
    /failed exit status 1: mlgitops: values\.yaml:2:12: not valid YAML: bad indentation of a mapping entry \[YAML_INVALID\]/
  )
  await fails(
    'no output is a fault, and nothing is pruned',
    {
      [`${sentiment}/deployment.yaml`]: undefined,
      [`${sentiment}/autoscaler.yaml`]: undefined,
      [`${sentiment}/canary.yaml`]: undefined
    },
    /failed exit status 1: mlgitops: [^\n]*nothing was rendered \[OUTPUT_EMPTY\]/
  )
  await points.check('the plugin killed in the middle: told, nothing pruned', async () => {
    const flag = path.join(bench.machine.folder, 'kill')
    writeFileSync(flag, '')
    try {
      bench.commit('A note', { 'docs/note.md': `${Date.now()}` })
      told.push(await app.untilTold('ComparisonError', /signal: killed/))
      assert.deepEqual(await app.resources(), resources)
    } finally {
      rmSync(flag)
    }
    await app.refresh('hard')
    await app.untilSynced(bench.git('rev-parse', 'HEAD'))
  })
  await points.check('no message and no log of Argo CD holds a secret of the values', () => {
    assert.equal(told.length, 4)
    for (const text of [...told, ...bench.argo.logs()]) assert.ok(!text.includes(secret))
    return Promise.resolve()
  })
  assert.equal(bench.read(`${sentiment}/values.yaml`), values)
}
