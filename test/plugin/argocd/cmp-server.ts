import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isJsonArray } from '../../../common/json.ts'
import type { JsonValue } from '../../../common/json.ts'
import { readYaml } from '../../../common/yaml/read.ts'
import { describeArgv, runCommand } from './command.ts'
import { readPluginConfig } from './plugin-config.ts'
import type { Argv, PluginConfig } from './plugin-config.ts'
import { packRepository, unpackRepository } from './repository-stream.ts'
import type { RepositoryStream } from './repository-stream.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The result of a generate request. */
export interface Generated {
  /** One JSON text per object. */
  readonly manifests: readonly string[]
  /** Argo CD's error text, as in the Application's condition. */
  readonly error: string | undefined
}

/** The settings of a server that differ from the defaults. */
export interface CmpServerOptions {
  /** The executables for the command names in plugin.yaml. */
  readonly commands: Readonly<Record<string, Argv>>
  /** The environment of the sidecar. */
  readonly env?: Environment
  readonly killAfterMs?: number
  readonly maxResponseBytes?: number
}

/**
 * Runs a plugin as argocd-cmp-server does, without gRPC.
 * Source: argo-cd cmpserver/plugin/plugin.go.
 */
export class CmpServer {
  readonly #config: PluginConfig
  readonly #options: CmpServerOptions
  readonly #workFolder = mkdtempSync(path.join(tmpdir(), '_cmp_server-'))

  /** @throws {Error} for a plugin.yaml that argocd-cmp-server refuses */
  constructor(pluginYaml: string, options: CmpServerOptions) {
    this.#config = readPluginConfig(pluginYaml)
    this.#options = options
  }

  /** The plugin's socket, by which Applications find it. */
  get socket(): string {
    return this.#config.socket
  }

  /** The remaining work folders of requests; none after they are answered. */
  get requestFolders(): readonly string[] {
    return readdirSync(this.#workFolder)
  }

  close(): void {
    rmSync(this.#workFolder, { recursive: true, force: true })
  }

  /** Sends a folder as the repository and generates the manifests of an application path. */
  async generate(
    repository: string,
    application: string,
    env: Environment,
    deadlineMs = 60_000
  ): Promise<Generated> {
    return this.generateFrom(await packRepository(repository), application, env, deadlineMs)
  }

  /** Runs init, then generate, in a separate folder. */
  async generateFrom(
    stream: RepositoryStream,
    application: string,
    env: Environment,
    deadlineMs = 60_000
  ): Promise<Generated> {
    return this.#inFolder(stream, application, async cwd => {
      const { init, generate } = this.#config
      for (const argv of init === undefined ? [generate] : [init, generate]) {
        const { stdout, stderr, failure } = await this.#run(argv, cwd, env, deadlineMs)
        if (failure !== undefined) {
          return failed(`\`${describeArgv(argv)}\` failed ${failure}: ${stderr.trim()}`)
        }
        if (argv === generate) return this.#split(stdout)
      }
      return failed('no command')
    })
  }

  /** The parameters of an application path: the command's, then plugin.yaml's. */
  async parameters(
    repository: string,
    application: string,
    env: Environment
  ): Promise<readonly JsonValue[]> {
    const stream = await packRepository(repository)
    return this.#inFolder(stream, application, async cwd => {
      const { parameters = ['true'], staticParameters } = this.#config
      const { stdout, stderr, failure } = await this.#run(parameters, cwd, env, 60_000)
      if (failure !== undefined) throw new Error(`${failure}: ${stderr}`)
      const [dynamic, ours] = [JSON.parse(stdout || '[]') as JsonValue, staticParameters]
      if (!isJsonArray(dynamic) || !isJsonArray(ours)) throw new Error('no list of parameters')
      return [...dynamic, ...ours]
    })
  }

  async #inFolder<Result>(
    stream: RepositoryStream,
    application: string,
    action: (cwd: string) => Promise<Result>
  ): Promise<Result> {
    const folder = path.join(this.#workFolder, randomUUID())
    mkdirSync(folder, { mode: 0o755 })
    try {
      await unpackRepository(stream, folder)
      const cwd = path.resolve(folder, application)
      if (cwd !== folder && !cwd.startsWith(folder + path.sep))
        throw new Error('illegal appPath: out of workDir bound')
      return await action(cwd)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  #run([name = '', ...args]: Argv, cwd: string, env: Environment, deadlineMs: number) {
    const { commands, env: own = {}, killAfterMs = 5_000 } = this.#options
    const argv = [...(commands[name] ?? [name]), ...args]
    const sidecar = { PATH: process.env.PATH, HOME: this.#workFolder, ...own }
    // The request's variables override the sidecar's.
    return runCommand(argv, { cwd, env: { ...sidecar, ...env }, deadlineMs, killAfterMs })
  }

  #split(stdout: string): Generated {
    const documents = readYaml(stdout.replace(/\n$/, ''), { file: 'stdout' })
    const manifests = documents.flatMap(({ value }) =>
      value === null ? [] : [JSON.stringify(value)]
    )
    const { maxResponseBytes = 100 * 1024 * 1024 } = this.#options
    const bytes = manifests.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    if (bytes <= maxResponseBytes) return { manifests, error: undefined }
    return failed(`grpc: trying to send message larger than max (${bytes} vs. ${maxResponseBytes})`)
  }
}

function failed(error: string): Generated {
  return { manifests: [], error }
}
