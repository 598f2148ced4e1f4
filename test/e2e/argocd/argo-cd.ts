import { execFile } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import type { JsonObject } from '../../../common/json.ts'
import { expectSuccess } from '../rig/api-client.ts'
import { installForeign } from '../rig/crds.ts'
import { freePort } from '../rig/free-port.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { moduleFolder } from '../rig/module-files.ts'
import { makeNamespace } from '../rig/namespace.ts'
import type { Program } from '../rig/program.ts'

const run = promisify(execFile)
const root = path.join(import.meta.dirname, '../../..')
/** The namespace of Argo CD, unless a suite has its own. */
export const argoNamespace = 'argocd'

/** Argo CD without its UI, with our plugin in Argo CD's plugin server. */
export class ArgoCd {
  readonly #machine: Machine
  readonly #namespace: string
  readonly #env: NodeJS.ProcessEnv
  readonly #programs: Program[]

  private constructor(
    machine: Machine,
    namespace: string,
    env: NodeJS.ProcessEnv,
    plugin: Program
  ) {
    this.#machine = machine
    this.#namespace = namespace
    this.#env = env
    this.#programs = [plugin]
  }

  /** @param pluginEnv additional environment variables of the sidecar */
  static async start(
    machine: Machine,
    pluginEnv: NodeJS.ProcessEnv,
    namespace = argoNamespace
  ): Promise<ArgoCd> {
    await installForeign(machine.controlPlane, ['Application', 'AppProject', 'ApplicationSet'])
    await makeNamespace(machine, namespace)
    const config = path.join(moduleFolder('argocd'), 'manifests/base/config')
    const args = ['apply', '--server-side', '--force-conflicts', '-n', namespace, '-k', config]
    const { code, stderr } = await kubectl(machine.controlPlane, args)
    if (code !== 0) throw new Error(stderr)
    await addDestination(machine, namespace)
    const env = await prepare(machine)
    const plugin = startRole(machine, 'argocd-cmp-server', { ...env, ...pluginEnv }, [
      ...['--config-dir-path', path.join(machine.folder, 'plugin'), '--loglevel', 'info']
    ])
    await plugin.line(/(serving on)/)
    const argo = new ArgoCd(machine, namespace, env, plugin)
    await argo.#startRest()
    return argo
  }

  /** The output of its processes. */
  logs(): readonly string[] {
    return this.#programs.map(program => program.said())
  }

  async #startRest(): Promise<void> {
    const machine = this.#machine
    const local = ['127.0.0.1']
    const [redisPort, repoPort] = [await freePort(), await freePort()]
    const redis = machine.start({
      name: 'redis',
      command: machine.peer('redis-server'),
      args: [
        ...['--bind', ...local, '--port', `${redisPort}`],
        ...['--save', '', '--appendonly', 'no', '--dir', machine.folder]
      ],
      env: { ...process.env, LD_LIBRARY_PATH: path.join(machine.peersFolder, 'lib') }
    })
    await redis.line(/(Ready to accept connections)/)
    const redisAt = ['--redis', `127.0.0.1:${redisPort}`]
    const repo = startRole(machine, 'argocd-repo-server', this.#env, [
      ...redisAt,
      ...['--port', `${repoPort}`, '--metrics-port', `${await freePort()}`],
      ...['--address', '127.0.0.1', '--metrics-address', '127.0.0.1'],
      ...['--disable-tls', '--client-ca-path=']
    ])
    await repo.line(/(listening on)/)
    const controller = startRole(machine, 'argocd-application-controller', this.#env, [
      ...redisAt,
      ...['--kubeconfig', machine.controlPlane.kubeconfig, '--namespace', this.#namespace],
      ...['--repo-server', `127.0.0.1:${repoPort}`, '--repo-server-plaintext'],
      ...['--metrics-port', `${await freePort()}`, '--app-resync', '5'],
      // By default an error is only logged during its first three minutes.
      ...['--repo-error-grace-period-seconds', '0']
    ])
    this.#programs.push(repo, controller)
    await controller.line(/(Cluster.*successfully synced|Starting.*controller|Processing)/i)
  }
}

/** Starts a process of Argo CD's binary, whose environment names the role. */
function startRole(
  machine: Machine,
  role: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[]
): Program {
  const named = { ...env, ARGOCD_BINARY_NAME: role }
  return machine.start({ name: role, command: machine.peer('argocd'), args, env: named })
}

/** Creates folders, the bundle as in the image, and the programs that Argo CD needs on its path. */
async function prepare(machine: Machine): Promise<NodeJS.ProcessEnv> {
  const folder = (name: string) => {
    const created = path.join(machine.folder, name)
    mkdirSync(created, { recursive: true })
    return created
  }
  const bin = folder('bin')
  const executable = (name: string, text: string) => {
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${text}\n`)
    chmodSync(path.join(bin, name), 0o755)
  }
  await run(process.execPath, [path.join(root, 'scripts/build.ts'), folder('dist')])
  copyFileSync(path.join(root, 'plugin/plugin.yaml'), path.join(folder('plugin'), 'plugin.yaml'))
  const bundle = path.join(machine.folder, 'dist/mlgitops.js')
  // While this file exists, the plugin is killed.
  const killed = path.join(machine.folder, 'kill')
  const plugin = `'${process.execPath}' '${bundle}' "$@"`
  // Keeps the output by the name of the command. Renamed when complete, because a point may read it meanwhile.
  const [part, whole] = ['"$E2E_PRINTED/$1.$$"', '"$E2E_PRINTED/$1"']
  const kept = `${plugin} > ${part}; code=$?; cat ${part}; mv ${part} ${whole}; exit $code`
  executable(
    'mlgitops',
    `if [ -e '${killed}' ]; then kill -9 $$; fi
if [ -n "$E2E_PRINTED" ]; then ${kept}; fi
exec ${plugin}`
  )
  executable('git-verify-wrapper.sh', 'git verify-commit --raw "$1" 2>&1 || true')
  return {
    PATH: [bin, machine.peersFolder, process.env.PATH].join(path.delimiter),
    HOME: folder('home'),
    ARGOCD_PLUGINSOCKFILEPATH: folder('sockets'),
    ARGOCD_CMP_WORKDIR: folder('cmp'),
    ARGOCD_SSH_DATA_PATH: folder('ssh'),
    ARGOCD_TLS_DATA_PATH: folder('tls'),
    ARGOCD_GPG_DATA_PATH: folder('gpg'),
    ARGOCD_GPG_ENABLED: 'false',
    // The default of 50 requests per second is too slow for a thousand objects.
    ARGOCD_K8S_CLIENT_QPS: '500',
    ARGOCD_K8S_CLIENT_BURST: '1000',
    TMPDIR: folder('tmp')
  }
}

/** Adds the cluster by its URL, because Argo CD runs outside of it, and the project of all Applications. */
async function addDestination({ controlPlane }: Machine, namespace: string): Promise<void> {
  const { client, url, authorityPem } = controlPlane
  const project: JsonObject = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'default', namespace },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ server: '*', namespace: '*' }],
      clusterResourceWhitelist: [{ group: '*', kind: '*' }]
    }
  }
  const at = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/appprojects/default`
  expectSuccess(await client.apply(at, project), 'AppProject')
  const config = {
    bearerToken: controlPlane.token,
    tlsClientConfig: { caData: Buffer.from(authorityPem).toString('base64') }
  }
  const secret: JsonObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'cluster',
      namespace,
      labels: { 'argocd.argoproj.io/secret-type': 'cluster' }
    },
    stringData: { name: 'e2e', server: url, config: JSON.stringify(config) }
  }
  const secretAt = `/api/v1/namespaces/${namespace}/secrets/cluster`
  expectSuccess(await client.apply(secretAt, secret), 'cluster Secret')
}
