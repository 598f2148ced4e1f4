import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { DemoRepository } from '../../../bin/demo/repository.ts'
import { run } from '../../../bin/run.ts'
import type { JsonObject } from '../../../common/json.ts'
import { isJsonObject, member, stringMember } from '../../../common/json.ts'
import { readYaml } from '../../../common/yaml/read.ts'

t.test('what register writes trains nothing and serves nothing', async t => {
  const work = path.join(tmpdir(), `mlgitops-loop-free-${process.pid}`)
  t.teardown(() => {
    rmSync(work, { recursive: true, force: true })
  })
  const example = new DemoRepository(path.join(work, 'mlops-repo'))
  const trained = example.commit('the example')
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, { cwd: example.folder, encoding: 'utf8' }).trim()
  const before = await renderedModels(example.folder)
  git('clone', '--quiet', '--bare', '.', path.join(work, 'bare.git'))
  const branch = git('rev-parse', '--abbrev-ref', 'HEAD')
  for (const uid of ['first', 'second']) {
    writeFileSync(path.join(work, 'result.json'), JSON.stringify(resultOf(trained, uid)))
    const args = ['--result', 'result.json', '--repo', 'bare.git', '--environment', 'staging']
    const { stdout, stderr } = await run({
      args: ['register', ...args, '--branch', branch, '--no-artifact-check'],
      env: {},
      folder: work
    })
    t.match(stdout, '"pushed":true', stderr)
  }
  git('pull', '--quiet', '--ff-only', path.join(work, 'bare.git'), branch)
  t.not(git('rev-parse', 'HEAD'), trained)
  const after = await renderedModels(example.folder)
  t.ok(before.size >= 3)
  t.strictSame(after, before)
})

function resultOf(commit: string, uid: string): JsonObject {
  return {
    model: 'churn-prediction',
    version: '2',
    run: { system: 'demo', id: uid, uid },
    commit,
    artifact: { uri: 's3://models-bucket/churn/model.pkl' },
    dataset: { name: 'churn', digest: 'md5:0123456789abcdef' },
    metrics: { precision: 0.93 }
  }
}

/**
 * The digest of each model and its objects but for the commit that they are rendered from, without registry entries.
 */
async function renderedModels(repository: string): Promise<ReadonlyMap<string, unknown>> {
  const models = readdirSync(path.join(repository, 'models'))
  const rendered = models.map(async model => {
    const application = `models/${model}`
    const call = (...args: readonly string[]) => run({ args, env: {}, folder: repository })
    const digest = (await call('digest', application)).stdout
    const { stdout } = await call('render', application, '--environment', 'staging')
    const objects = readYaml(stdout, { file: model })
      .map(({ value }) => value)
      .filter(isJsonObject)
      .filter(object => stringMember(object, 'kind') !== 'RegisteredModel')
    return [model, { digest, objects: objects.map(withoutCommit) }] as const
  })
  return new Map(await Promise.all(rendered))
}

function withoutCommit(object: JsonObject): JsonObject {
  const metadata = member(object, 'metadata')
  const annotations = member(metadata, 'annotations')
  if (!isJsonObject(metadata) || !isJsonObject(annotations)) return object
  const kept = Object.entries(annotations).filter(
    ([name]) => !/^(?:mlgitops\.io\/)?git-commit$/.test(name)
  )
  return { ...object, metadata: { ...metadata, annotations: Object.fromEntries(kept) } }
}
