import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as tar from 'tar'
import { readYaml } from '../../common/yaml/read.ts'

/** What a request to generate ends with. */
export interface Generated {
  readonly manifests: readonly string[]
  /** Argo CD's own words, as they reach the Application's condition. */
  readonly error: string | undefined
}

interface PluginConfig {
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly generate: { readonly command: readonly string[]; readonly args?: readonly string[] }
  }
}

/**
 * Does what argocd-cmp-server and the plugin half of repo-server do, so that the plugin can be tested
 * without Argo CD. Source: argo-cd cmpserver/plugin/plugin.go; facts/argocd-cmp.md, end of section 5.
 */
export class CmpServer {
  readonly #config: PluginConfig
  readonly #workFolder = mkdtempSync(path.join(tmpdir(), '_cmp_server-'))
  readonly #commands: Readonly<Record<string, readonly string[]>>

  /** @param commands what the names in plugin.yaml stand for on this machine */
  constructor(pluginFile: string, commands: Readonly<Record<string, readonly string[]>>) {
    this.#config = readYaml(readFileSync(pluginFile, 'utf8'), { file: pluginFile })[0]
      ?.value as unknown as PluginConfig
    this.#commands = commands
  }

  /** The plugin's socket, by which Applications find it. */
  get socket(): string {
    return `${this.#config.metadata.name}.sock`
  }

  close(): void {
    rmSync(this.#workFolder, { recursive: true, force: true })
  }

  /** Sends the repository as a tar, unpacks it as a request's own folder, and runs generate in it. */
  async generate(
    repository: string,
    application: string,
    env: Readonly<Record<string, string>>,
    deadlineMs = 60_000
  ): Promise<Generated> {
    const workFolder = path.join(this.#workFolder, randomUUID())
    mkdirSync(workFolder)
    try {
      await this.#receive(repository, workFolder)
      const cwd = path.join(workFolder, application)
      const { command, args = [] } = this.#config.spec.generate
      const argv = [...command, ...args]
      const result = await this.#run(argv, cwd, env, deadlineMs - 100)
      if (result.failure !== undefined) {
        const quoted = argv.join(' ')
        return {
          manifests: [],
          error: `\`${quoted}\` failed ${result.failure}: ${result.stderr.trim()}`
        }
      }
      const documents = readYaml(result.stdout.replace(/\n$/, ''), { file: 'stdout' })
      return {
        manifests: documents.flatMap(({ value }) =>
          value === null ? [] : [JSON.stringify(value)]
        ),
        error: undefined
      }
    } finally {
      rmSync(workFolder, { recursive: true, force: true })
    }
  }

  /** Files lose their modes on the way, as without preserveFileMode. */
  async #receive(repository: string, workFolder: string): Promise<void> {
    const archive = path.join(this.#workFolder, `${randomUUID()}.tgz`)
    await tar.create({ gzip: true, cwd: repository, file: archive }, readdirSync(repository))
    await tar.extract({ cwd: workFolder, file: archive, noMtime: true })
    stripModes(workFolder)
    rmSync(archive)
  }

  #run(
    argv: readonly string[],
    cwd: string,
    env: Readonly<Record<string, string>>,
    timeoutMs: number
  ): Promise<{ stdout: string; stderr: string; failure: string | undefined }> {
    const [name = '', ...args] = argv
    const [command = name, ...prefix] = this.#commands[name] ?? [name]
    const { promise, resolve } = Promise.withResolvers<{
      stdout: string
      stderr: string
      failure: string | undefined
    }>()
    const child = spawn(command, [...prefix, ...args], {
      cwd,
      env: { PATH: process.env.PATH, HOME: this.#workFolder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true
    })
    const output = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    child.on('error', error => {
      resolve({ ...output, failure: `fork/exec: ${error.message}` })
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const failure = signal === null ? `exit status ${code ?? 0}` : 'signal: killed'
      resolve({ ...output, failure: code === 0 ? undefined : failure })
    })
    return promise
  }
}

function stripModes(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const entryPath = path.join(folder, entry.name)
    if (entry.isDirectory()) stripModes(entryPath)
    else if (entry.isFile()) chmodSync(entryPath, 0o644)
  }
}
