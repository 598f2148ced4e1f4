import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { digestOf } from '../../../bin/demo/repository.ts'
import { member, stringMember } from '../../../common/json.ts'
import { Application } from '../argocd/application.ts'
import { ArgoCd } from '../argocd/argo-cd.ts'
import { WebhookHost } from '../admission/webhook-host.ts'
import { Traffic } from '../flagger/traffic.ts'
import type { Load } from '../flagger/traffic.ts'
import { accountKubeconfig } from '../rig/account.ts'
import { installForeign, installOwn } from '../rig/crds.ts'
import { eventually } from '../rig/eventually.ts'
import { freePort } from '../rig/free-port.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { ModelRepository } from '../rig/model-repository.ts'
import { makeNamespace } from '../rig/namespace.ts'

const readyMade = path.join(import.meta.dirname, '../../../manifests/policies')
const model = 'models/sentiment'
const namespace = 'e2e-story'
/** Its own Argo CD: another suite may run one at the same time. */
const argo = 'argocd-story'
const flaggerNamespace = 'flagger-system'
const flaggerUser = `system:serviceaccount:${flaggerNamespace}:flagger`
const rolloutTimeoutMs = 420_000

/** Git, Argo CD, the webhook, Flagger and the analysis service, connected. */
export class Stage {
  readonly machine: Machine
  readonly repository: ModelRepository
  readonly host: WebhookHost
  readonly application: Application
  readonly #traffic: Traffic

  private constructor(
    machine: Machine,
    parts: Pick<Stage, 'repository' | 'host' | 'application'> & { readonly traffic: Traffic }
  ) {
    this.machine = machine
    this.repository = parts.repository
    this.host = parts.host
    this.application = parts.application
    this.#traffic = parts.traffic
  }

  static async create(machine: Machine): Promise<Stage> {
    const { controlPlane } = machine
    const [analysisUrl, repository] = await Promise.all([
      startAnalysis(machine),
      ModelRepository.create(machine.folder, { production: namespace }),
      installForeign(controlPlane, ['flagger', 'HTTPRoute']),
      installOwn(controlPlane, ['registeredmodels'])
    ])
    adaptCanary(repository, analysisUrl)
    const { trustedKey, signingKey } = repository
    const options = ['--policies', readyMade, '--keys', trustedKey, '--controller', flaggerUser]
    const [host] = await Promise.all([
      WebhookHost.start(machine, 'story', options),
      startFlagger(machine),
      ArgoCd.start(machine, { MLGITOPS_SIGNING_KEY_FILE: signingKey }, argo)
    ])
    const traffic = new Traffic(analysisUrl, 7)
    machine.atEnd(() => traffic.stop())
    const application = await Application.create(controlPlane, {
      name: 'sentiment-production',
      repository: repository.git.folder,
      path: model,
      namespace: host.namespace,
      argo,
      plugin: { name: 'mlgitops', parameters: [{ name: 'environment', string: 'production' }] }
    })
    return new Stage(machine, { repository, host, application, traffic })
  }

  /** The commit of the branch. */
  head(): string {
    return this.git('rev-parse', 'HEAD')
  }

  git(...args: readonly string[]): string {
    const identity = ['-c', 'user.name=Example', '-c', 'user.email=example@example.com']
    const cwd = this.repository.git.folder
    return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8' }).trim()
  }

  /** Commits a new version of the model, which gives it a new image. @returns the commit */
  commitModel(version: string): string {
    const file = path.join(this.repository.git.folder, model, 'values.yaml')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace(/version: .*/, `version: "${version}"`))
    return this.repository.git.commit(`Sentiment ${version}`)
  }

  /** The tag of the model's image at HEAD: the short digest of its content. */
  async tag(): Promise<string> {
    const digest = await digestOf(this.repository.git.folder, model)
    return digest.replace('sha256:', '').slice(0, 12)
  }

  /** Commits an audit of the model as it is, as the auditor does. @returns the commit */
  async commitAudit(): Promise<string> {
    await auditOf(this.repository)
    return this.head()
  }

  send(load: Load): void {
    this.#traffic.set(`${this.host.namespace}/sentiment`, load)
  }

  /** Waits for a phase of the Canary. */
  async phase(...wanted: readonly string[]): Promise<string> {
    const at = `/apis/flagger.app/v1beta1/namespaces/${this.host.namespace}/canaries/sentiment`
    return eventually(
      async () => {
        const { status } = await this.machine.controlPlane.client.read(at)
        const phase = stringMember(status, 'phase') ?? ''
        return wanted.includes(phase) ? phase : undefined
      },
      { what: `the Canary is ${wanted.join(' or ')}`, timeoutMs: rolloutTimeoutMs }
    )
  }

  /** The tag of the image that serves users. */
  serving(): Promise<string> {
    return this.#tagOf('sentiment-primary')
  }

  /** The tag of the image that Argo CD applied. */
  target(): Promise<string> {
    return this.#tagOf('sentiment')
  }

  async #tagOf(deployment: string): Promise<string> {
    const at = `/apis/apps/v1/namespaces/${this.host.namespace}/deployments/${deployment}`
    const text = JSON.stringify(await this.machine.controlPlane.client.read(at))
    return /sentiment:([0-9a-f]{12})/.exec(text)?.[1] ?? ''
  }

  /** Waits for a matching event of the Canary: Flagger sends the reason after it has changed the phase. */
  async untilEvent(wanted: RegExp): Promise<void> {
    const at = `/api/v1/namespaces/${this.host.namespace}/events`
    await eventually(
      async () => {
        const events = await this.machine.controlPlane.client.list(at)
        const messages = events
          .filter(event => member(event.involvedObject, 'kind') === 'Canary')
          .map(event => stringMember(event, 'message') ?? '')
        // Similar events are combined into one, with the text of the last.
        const texts = messages.map(text => text.replace(/^\(combined from .*?\): /, ''))
        if (texts.some(text => wanted.test(text))) return true
        throw new Error(messages.join('\n'))
      },
      { what: `an event of the Canary is like ${String(wanted)}` }
    )
  }
}

/** Commits an audit of the model as it is. */
async function auditOf({ git }: ModelRepository): Promise<void> {
  const audit = git.readAudit(model)
  if (audit === undefined) throw new Error(`${model} has no audit`)
  const modelDigest = await digestOf(git.folder, model)
  git.writeAudit(model, { ...audit, modelDigest })
  git.commit(`The audit of ${modelDigest.slice(0, 19)}`)
}

/** Adapts the example's Canary: our service's URL, Flagger's shortest interval, no mesh. */
function adaptCanary({ git }: ModelRepository, analysisUrl: string): void {
  const file = path.join(git.folder, model, 'canary.yaml')
  const text = readFileSync(file, 'utf8')
    .replace(/http:\/\/mlgitops-analysis[^/\s]*/g, analysisUrl)
    .replace('interval: 1m', 'interval: 10s')
    .replace('maxWeight: 50\n    stepWeight: 10', 'iterations: 2')
    .replace('latency.p99.max:', 'maturity: 5s\n          block: 1s\n          latency.p99.max:')
    .replace(/^spec:\n/m, 'spec:\n  provider: kubernetes\n')
  writeFileSync(file, text)
  git.commit('The canary of this suite')
}

async function startAnalysis(machine: Machine): Promise<string> {
  const port = await freePort()
  const program = machine.startOurs('analysis', [
    ...['serve', 'analysis', '--listen', `127.0.0.1:${port}`],
    ...['--state', path.join(machine.folder, 'analysis.sqlite'), '--grace-seconds', '0']
  ])
  return program.line(/^listening on (\S+)$/m)
}

/** Starts Flagger with its own service account, which the webhook exempts by name. */
async function startFlagger(machine: Machine): Promise<void> {
  const { controlPlane } = machine
  await makeNamespace(machine, flaggerNamespace)
  const account = ['-n', flaggerNamespace, 'create', 'serviceaccount', 'flagger']
  await kubectl(controlPlane, account)
  const binding = ['create', 'clusterrolebinding', 'e2e-flagger', '--clusterrole=cluster-admin']
  await kubectl(controlPlane, [...binding, `--serviceaccount=${flaggerNamespace}:flagger`])
  machine.atEnd(() => kubectl(controlPlane, ['delete', 'clusterrolebinding', 'e2e-flagger']))
  const kubeconfig = await accountKubeconfig(machine, flaggerNamespace, 'flagger')
  const program = machine.start({
    name: 'flagger',
    command: machine.peer('flagger'),
    args: [
      ...['-kubeconfig', kubeconfig, '-mesh-provider=kubernetes', `-namespace=${namespace}`],
      ...[`-port=${await freePort()}`, '-metrics-server=http://127.0.0.1:1'],
      '-control-loop-interval=2s'
    ]
  })
  await program.line(/("Starting operator")/)
}
