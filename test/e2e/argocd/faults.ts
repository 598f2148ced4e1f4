import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'

const sentiment = 'models/sentiment'
const secret = 's3cr3t-of-nobody'

/** Every failure is in the status of the Application, and no running object is pruned. */
export async function proveFaults(bench: Bench, points: Points): Promise<void> {
  const app = bench.known('sentiment-tuned')
  const resources = await app.resources()
  const namespace = await bench.extraNamespace('tuned')
  const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/sentiment`
  const template = bench.read(`${sentiment}/deployment.yaml`)
  const values = bench.read(`${sentiment}/values.yaml`)
  const messages: string[] = []
  const fails = (
    name: string,
    files: Readonly<Record<string, string | undefined>>,
    wanted: RegExp
  ) =>
    points.check(name, async () => {
      const whole = Object.fromEntries(Object.keys(files).map(file => [file, bench.read(file)]))
      bench.commit(name, files)
      try {
        messages.push(await app.untilCondition('ComparisonError', wanted))
        assert.deepEqual(await app.resources(), resources)
        assert.equal((await bench.client.get(deployment)).status, 200)
      } finally {
        bench.commit(`${name}, fixed`, whole)
      }
    })
  await fails(
    'a broken template is reported with the whole message, and nothing is pruned',
    {
      [`${sentiment}/deployment.yaml`]: template.replace(
        '{{ .Values.sentiment.version }}',
        '{{ .Values.sentiment.verison }}'
      )
    },
    /`mlgitops render \.` failed exit status 1: mlgitops: deployment\.yaml:\d+:\d+: no value for \.Values\.sentiment\.verison \[TEMPLATE_VALUE_MISSING\]\n {2}found: {4}\.Values\.sentiment has (?:"\w+", )+"version"\n {2}remedy: {3}Set it in a value file or a parameter, or give a default/
  )
  await fails(
    'an invalid values file is reported without its content, and nothing is pruned',
    { [`${sentiment}/values.yaml`]: `password: ${secret}\n  sentiment: [${secret}\n` },
    /failed exit status 1: mlgitops: values\.yaml:2:12: not valid YAML: bad indentation of a mapping entry \[YAML_INVALID\]/
  )
  await fails(
    'an empty output is a fault, and nothing is pruned',
    {
      [`${sentiment}/deployment.yaml`]: undefined,
      [`${sentiment}/autoscaler.yaml`]: undefined,
      [`${sentiment}/canary.yaml`]: undefined
    },
    /failed exit status 1: mlgitops: [^\n]*nothing was rendered \[OUTPUT_EMPTY\]/
  )
  await points.check('a kill of the plugin is reported, and nothing is pruned', async () => {
    const flag = path.join(bench.machine.folder, 'kill')
    writeFileSync(flag, '')
    try {
      bench.commit('A note', { 'docs/note.md': `${Date.now()}` })
      messages.push(await app.untilCondition('ComparisonError', /signal: killed/))
      assert.deepEqual(await app.resources(), resources)
    } finally {
      rmSync(flag)
    }
    await app.refresh('hard')
    await app.untilSynced(bench.git('rev-parse', 'HEAD'))
  })
  await points.check('no message or log of Argo CD contains a secret of the values', () => {
    assert.equal(messages.length, 4)
    for (const text of [...messages, ...bench.argo.logs()]) assert.ok(!text.includes(secret))
    return Promise.resolve()
  })
  assert.equal(bench.read(`${sentiment}/values.yaml`), values)
}
