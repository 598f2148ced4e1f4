import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { run } from '../../../bin/run.ts'
import type { BiasAudit } from '../../../evidence/bias-audit/bias-audit.ts'
import { readYaml } from '../../../common/yaml/read.ts'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { WebhookHost } from '../admission/webhook-host.ts'
import { installForeign, installOwn } from '../rig/crds.ts'
import { eventually } from '../rig/eventually.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { ModelRepository } from '../rig/model-repository.ts'
import { makeNamespace } from '../rig/namespace.ts'
import { FluxHosts, fluxNamespace } from './flux-hosts.ts'
import { serveGit } from './git-server.ts'
import { OurController } from './our-controller.ts'
import { Release, collections } from './release.ts'
import type { ReleaseSpec } from './release.ts'
import { ReceivedEvents } from './received-events.ts'

const examples = path.join(import.meta.dirname, '../../../manifests/examples/mlops-repo/platform')
/** The policies in manifests/policies. */
export const readyMade = path.join(import.meta.dirname, '../../../manifests/policies')

/** Flux with our controller, a repository of models on a Git host, and the webhook before production. */
export class Bench {
  readonly machine: Machine
  readonly repository: ModelRepository
  /** The URL at which Flux reaches the repository. */
  readonly url: string
  readonly webhook: WebhookHost
  readonly controller: OurController
  readonly hosts: FluxHosts
  readonly events: ReceivedEvents

  private constructor(
    machine: Machine,
    parts: Pick<Bench, 'repository' | 'url' | 'webhook' | 'controller' | 'hosts' | 'events'>
  ) {
    this.machine = machine
    this.repository = parts.repository
    this.url = parts.url
    this.webhook = parts.webhook
    this.controller = parts.controller
    this.hosts = parts.hosts
    this.events = parts.events
  }

  static async create(machine: Machine): Promise<Bench> {
    const { controlPlane } = machine
    await installForeign(controlPlane, ['InferenceService', 'PipelineRun'])
    await installOwn(controlPlane, ['registeredmodels'])
    const repository = await ModelRepository.create(machine.folder, {})
    const { trustedKey, signingKey } = repository
    const options = ['--policies', readyMade, '--keys', trustedKey, '--grace-seconds', '0']
    const webhook = await WebhookHost.start(machine, 'flux', options)
    await makeNamespace(machine, fluxNamespace)
    await makeNamespace(machine, 'ml-staging')
    await makeNamespace(machine, 'ml-production', webhook.labels)
    const events = await ReceivedEvents.start(machine)
    const hosts = await FluxHosts.start(machine, events.url)
    const controller = await OurController.install(machine, events.url)
    const secret = ['create', 'secret', 'generic', 'mlgitops-signing-key', '-n', fluxNamespace]
    await kubectl(controlPlane, [...secret, `--from-file=signing.key=${signingKey}`])
    const url = `${await serveGit(machine, machine.folder)}/mlops-repo.git`
    const bench = new Bench(machine, { repository, url, webhook, controller, hosts, events })
    await bench.example('source.yaml')
    await controller.untilReady()
    return bench
  }

  get client() {
    return this.machine.controlPlane.client
  }

  /**
   * Applies a file of the example's `platform/flux`. Only the URL of its Git host is replaced.
   *
   * @param host replaces `https://git.example.com` in URLs other than that of the repository
   */
  async example(file: string, host?: string): Promise<readonly JsonObject[]> {
    const text = readFileSync(path.join(examples, 'flux', file), 'utf8')
    const own = text
      .replace('https://git.example.com/acme/mlops-repo.git', this.url)
      .replace('https://git.example.com', host ?? 'https://git.example.com')
    const apply = ['apply', '--server-side', '--validate=strict', '-f', '-']
    const seen = await kubectl(this.machine.controlPlane, apply, own)
    if (seen.code !== 0) throw new Error(seen.stderr)
    return readYaml(own, { file }).map(({ value }) => value as JsonObject)
  }

  /** Runs Git in the repository, as its owner. */
  git(...args: readonly string[]): string {
    const identity = ['-c', 'user.name=Example', '-c', 'user.email=example@example.com']
    const cwd = this.repository.git.folder
    return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8' }).trim()
  }

  /** Writes or removes files, commits, and waits until Flux has fetched the commit. @returns its revision */
  async commit(
    message: string,
    files: Readonly<Record<string, string | undefined>>
  ): Promise<string> {
    this.write(files)
    this.repository.git.commit(message)
    return this.fetched()
  }

  /** Writes or removes files of the repository. */
  write(files: Readonly<Record<string, string | undefined>>): void {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(this.repository.git.folder, name)
      mkdirSync(path.dirname(file), { recursive: true })
      if (text === undefined) rmSync(file, { force: true })
      else writeFileSync(file, text)
    }
  }

  /** The digest of a model's files, as source-controller fetches them. */
  async modelDigest(model: string): Promise<string> {
    const args = ['digest', '--flux', model]
    const { stdout, stderr } = await run({ args, env: {}, folder: this.repository.git.folder })
    if (stdout === '') throw new Error(stderr)
    return stdout.trim()
  }

  /** Commits changes of the churn model with an audit of the digest of its files. @returns the digest */
  async audited(
    message: string,
    files: Readonly<Record<string, string | undefined>>
  ): Promise<string> {
    const { git } = this.repository
    const model = 'models/churn-prediction'
    this.write(files)
    const modelDigest = await this.modelDigest(model)
    const audit = git.readAudit(model)
    if (audit === undefined) throw new Error('the example has no audit of its churn model')
    const kept = Object.entries(audit).filter(([key]) => key !== 'modelCommit')
    const ofFiles = { ...Object.fromEntries(kept), modelDigest } as unknown as BiasAudit
    git.writeAudit(model, ofFiles)
    await this.commit(message, {})
    return modelDigest
  }

  /** Waits until source-controller has fetched HEAD. @returns its revision in Flux's notation */
  async fetched(): Promise<string> {
    const revision = `main@sha1:${this.git('rev-parse', 'HEAD')}`
    const repository = new Release(this.client, 'mlops-repo')
    await repository.request('GitRepository')
    await eventually(
      async () => {
        const artifact = member((await repository.read('GitRepository')).status, 'artifact')
        return stringMember(artifact, 'revision') === revision || undefined
      },
      { what: `source-controller has fetched ${revision}`, everyMs: 20 }
    )
    return revision
  }

  release(name: string, spec: ReleaseSpec): Promise<Release> {
    return Release.create(this.client, name, spec)
  }

  /** A release that was created before. */
  known(name: string): Release {
    return new Release(this.client, name)
  }

  /** A ConfigMap, or undefined if it does not exist. */
  async configMap(namespace: string, name: string): Promise<JsonObject | undefined> {
    const { status, body } = await this.client.get(
      `/api/v1/namespaces/${namespace}/configmaps/${name}`
    )
    return status === 200 ? body : undefined
  }

  /** Deletes Flux's objects while the controllers run, because they must remove their finalizers. */
  async close(): Promise<void> {
    for (const collection of Object.values(collections)) await this.client.remove(collection)
    await eventually(
      async () => {
        const left = await Promise.all(
          Object.values(collections).map(collection => this.client.list(collection))
        )
        const names = left.flat().map(each => stringMember(each.metadata, 'name'))
        if (names.length > 0) throw new Error(names.join(', '))
        return true
      },
      { what: 'the objects of Flux are deleted' }
    )
  }
}
