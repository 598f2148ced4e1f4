import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { ArgoCd, argoNamespace } from '../argocd/argo-cd.ts'
import { expectSuccess } from '../rig/api-client.ts'
import { eventually } from '../rig/eventually.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'

const model = 'models/churn-prediction'
const name = 'churn-prediction-staging'
const point = 'Argo CD’s plugin prints what Flux downloads, but for the model commit'

/** One commit, rendered by our plugin in a real Argo CD, and in our artifact as tar reads it. */
export async function proveParity(bench: Bench, points: Points): Promise<void> {
  const values = path.join(bench.repository.git.folder, model, 'values.yaml')
  const text = readFileSync(values, 'utf8').replace(/version: "1\.10"/, 'version: "1.11"')
  const origin = await bench.commit('Churn 1.11', { [`${model}/values.yaml`]: text })
  const release = bench.known(name)
  let manifests = ''
  await points.check('tar reads the artifact, which has two plain files', async () => {
    await release.untilApplied(origin)
    const archive = path.join(bench.machine.folder, 'artifact.tar.gz')
    const answer = await fetch((await release.artifact()).url)
    writeFileSync(archive, Buffer.from(await answer.arrayBuffer()))
    const tar = (...args: readonly string[]) =>
      execFileSync('tar', [...args, archive], { encoding: 'utf8', env: { TZ: 'UTC' } })
    assert.deepEqual(
      tar('--numeric-owner', '-tvzf').replace(/ +/g, ' ').trim().split('\n').map(withoutSize),
      [
        '-rw------- 0/0 SIZE 1970-01-01 00:00 kustomization.yaml',
        '-rw------- 0/0 SIZE 1970-01-01 00:00 manifests.yaml'
      ]
    )
    manifests = execFileSync('tar', ['-xzOf', archive, 'manifests.yaml'], { encoding: 'utf8' })
    assert.ok(manifests.startsWith('---\napiVersion: serving.kserve.io/v1beta1\n'))
  })
  if (!['argocd', 'redis-server'].every(peer => existsSync(bench.machine.peer(peer)))) {
    points.skip(point, 'argocd and redis-server not found (npm run peers builds them)')
    return
  }
  await points.check(point, async () => {
    const printed = path.join(bench.machine.folder, 'printed')
    mkdirSync(printed)
    await ArgoCd.start(bench.machine, {
      MLGITOPS_SIGNING_KEY_FILE: bench.repository.signingKey,
      E2E_PRINTED: printed
    })
    await compared(bench, origin.slice('main@sha1:'.length))
    const byArgocd = readFileSync(path.join(printed, 'render'), 'utf8')
    assert.match(byArgocd, /mlgitops\.io\/model-commit: /)
    assert.equal(withoutModelCommit(byArgocd), withoutModelCommit(manifests))
  })
}

/** Sources of Flux have no history, and the attestation names the model commit too. */
function withoutModelCommit(manifests: string): string {
  return manifests.replace(/^ +mlgitops\.io\/(?:model-commit|attestation): .*\n/gm, '')
}

function withoutSize(line: string): string {
  return line.replace(/(0\/0) \d+ /, '$1 SIZE ')
}

/** Waits until Argo CD has compared the Application. It applies nothing: Flux owns the objects. */
async function compared(bench: Bench, commit: string): Promise<void> {
  const at = `/apis/argoproj.io/v1alpha1/namespaces/${argoNamespace}/applications/${name}`
  const parameters = [{ name: 'environment', string: 'staging' }]
  const application: JsonObject = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: argoNamespace },
    spec: {
      project: 'default',
      source: {
        repoURL: bench.url,
        targetRevision: 'main',
        path: model,
        plugin: { name: 'mlgitops', parameters }
      },
      destination: { server: bench.machine.controlPlane.url, namespace: 'ml-staging' }
    }
  }
  expectSuccess(await bench.client.apply(at, application), 'Application')
  let last: JsonObject = {}
  await eventually(
    async () => {
      last = await bench.client.read(at)
      return stringMember(member(last.status, 'sync'), 'revision') === commit || undefined
    },
    { what: `Argo CD has rendered ${commit}`, timeoutMs: 120_000 }
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${JSON.stringify(last.status ?? {}).slice(0, 3_000)}`)
  })
}
