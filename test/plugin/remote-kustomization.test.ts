import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import tap from 'tap'
import { run } from '../../bin/run.ts'
import { peersFolder } from '../e2e/peers/peer.ts'
import { configMap, TestRepository } from './repository.ts'

const requests: string[] = []
const server = http.createServer(({ url }, response) => {
  requests.push(url ?? '')
  response.end(configMap('from: elsewhere'))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
const tools = mkdtempSync(path.join(tmpdir(), 'mlgitops-tools-'))
const cloned = path.join(tools, 'cloned')
writeFileSync(
  path.join(tools, 'git'),
  `#!/bin/sh\ncase "$*" in *init*|*fetch*|*clone*) touch ${cloned};; esac\nexit 1\n`
)
chmodSync(path.join(tools, 'git'), 0o755)
tap.teardown(() => {
  server.close()
  rmSync(tools, { recursive: true })
})

/** Files in the repository with the names of the remote references, which must not hide them. */
function folder(name: string): Readonly<Record<string, string>> {
  return {
    [`${name}/kustomization.yaml`]: 'resources: [map.yaml]\n',
    [`${name}/map.yaml`]: configMap('v: 1')
  }
}
const file = (name: string) => ({ [name]: configMap('v: 1') })

/** Spellings that kustomize reads as a checked field: another case, or a long s. */
const spellings: readonly (readonly [string, string])[] = [
  ['Resources', `{Resources: ["http://${host}/x"]}`],
  ['re\u017fources', `{"re\\u017fources": ["http://${host}/x"]}`],
  ['ConfigMapGenerator', `{ConfigMapGenerator: [{name: x, files: ["k=http://${host}/x"]}]}`],
  ['FILES', `{configMapGenerator: [{name: x, FILES: ["k=http://${host}/x"]}]}`],
  ['Path', `{patches: [{Path: "http://${host}/x"}]}`],
  ['helmcharts', `{helmcharts: [{name: x, repo: "http://${host}/x"}]}`]
]

/** References that kustomize would fetch, although files with these names exist. */
const cases: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  [`resources: ["http://${host}/x"]`, file(`http:/${host}/x`)],
  [`resources: ["HTTP://${host}/x"]`, file(`HTTP:/${host}/x`)],
  [`components: ["GitHub.com/acme/x"]`, folder('GitHub.com/acme/x')],
  [`resources: ["github.com/acme/x\\n"]`, folder('github.com/acme/x\n')],
  [`resources: ["git::http://${host}/x"]`, folder(`git::http:/${host}/x`)],
  [`resources: ["git@${host}/x"]`, folder(`git@${host}/x`)],
  [`resources: ["host:acme/x"]`, folder('host:acme/x')],
  [`configMapGenerator: [{name: x, files: ["k=http://${host}/x"]}]`, file(`http:/${host}/x`)],
  [`secretGenerator: [{name: x, envs: ["Https://${host}/x"]}]`, file(`Https:/${host}/x`)],
  [`resources: []\npatches: [{path: "Http://${host}/x"}]`, file(`Http:/${host}/x`)],
  [`resources: []\nopenapi: {path: "Http://${host}/x"}`, file(`Http:/${host}/x`)],
  [`resources: []\nconfigurations: ["Http://${host}/x"]`, file(`Http:/${host}/x`)]
]

/** The first line of each render's error. The tools on the PATH record any fetch; none may happen. */
async function errorsOf(
  t: Pick<typeof tap, 'teardown' | 'same' | 'notOk'>,
  repositories: readonly TestRepository[]
): Promise<readonly string[]> {
  const before = process.env.PATH
  process.env.PATH = [tools, peersFolder(process.env), before].join(':')
  t.teardown(() => {
    process.env.PATH = before
  })
  const errors: string[] = []
  for (const { folder } of repositories) {
    const { stdout, stderr } = await run({
      args: ['render', '.'],
      env: { ARGOCD_APP_REVISION: 'a'.repeat(40), ARGOCD_APP_SOURCE_PATH: '.' },
      folder
    })
    errors.push(stdout === '' ? (stderr.split('\n')[0] ?? '') : 'it was rendered')
  }
  for (const repository of repositories) repository.remove()
  t.same(requests, [])
  t.notOk(existsSync(cloned))
  return errors
}

tap.test('nothing is fetched for a kustomization, whatever it calls its files', async t => {
  const repositories = cases.map(([text, files]) => {
    return new TestRepository({ ...files, 'kustomization.yaml': `${text}\n` })
  })
  const errors = await errorsOf(t, repositories)
  for (const [index, [text]] of cases.entries()) {
    t.equal(
      errors[index],
      'mlgitops: kustomization.yaml: a remote resource is not supported [KUSTOMIZATION_UNSUPPORTED]',
      text
    )
  }
})

tap.test('nor by a field that only kustomize knows under that name', async t => {
  const repositories = spellings.map(([, text]) => {
    return new TestRepository({ 'kustomization.yaml': `${text}\n` })
  })
  const errors = await errorsOf(t, repositories)
  for (const [index, [field]] of spellings.entries()) {
    t.match(
      errors[index],
      `mlgitops: kustomization.yaml: ${JSON.stringify(field)} instead of `,
      field
    )
  }
})
