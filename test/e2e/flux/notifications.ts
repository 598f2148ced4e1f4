import assert from 'node:assert/strict'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'
import { fluxNamespace } from './flux-hosts.ts'
import {
  installNotifications,
  startNotifications,
  whyNoNotifications
} from './notification-controller.ts'
import { plain, settings } from './plain-model.ts'
import { Receivers, isOf, secrets } from './receivers.ts'

const prefix = 'main@sha1:'
const failure = /^second\.yaml:8:14: no value for \.Values\.nowhere \[TEMPLATE_VALUE_MISSING\]\n/

/** Commits of the points, by what became of them. */
interface Commits {
  published: string
  broken: string
  mended: string
}

/** Flux's own notification-controller, from our events to whom it tells. */
export async function proveNotifications(bench: Bench, points: Points): Promise<void> {
  const reason = whyNoNotifications(bench.machine)
  if (reason !== undefined) {
    points.skip('Alerts, by notification-controller itself', reason)
    return
  }
  const receivers = await Receivers.start(bench.machine)
  await installNotifications(bench.machine)
  await applyAlerts(bench, receivers)
  const commits: Commits = { published: '', broken: '', mended: '' }
  try {
    await provePublished(bench, points, { receivers, commits })
    await proveFailure(bench, points, { receivers, commits })
    await proveCommitStatus(bench, points, { receivers, commits })
  } finally {
    bench.events.behind = { kind: 'suite' }
  }
}

interface Seen {
  readonly receivers: Receivers
  readonly commits: Commits
}

async function provePublished(
  bench: Bench,
  points: Points,
  { receivers, commits }: Seen
): Promise<void> {
  const release = bench.known('plain')
  const { events } = bench
  await points.check(
    'told before notification-controller is up, an Alert fires when it is',
    async () => {
      events.behind = { kind: 'nobody' }
      const files = { [`${plain}/first.yaml`]: settings('first', '2.0') }
      commits.published = await bench.commit('For a receiver', files)
      const refused = () =>
        events.posts.some(({ event, status }) => isOf('plain')(event) && !status)
      await eventually(() => refused() || undefined, { what: 'an event of ours is refused' })
      events.behind = { kind: 'host', url: await startNotifications(bench.machine) }
      const told = await receivers.until('what was published', ({ events: all }) => {
        return all.find(isOf('plain'))
      })
      const { revision } = await release.artifact()
      const { timestamp, reportingInstance, ...rest } = told
      assert.ok(!Number.isNaN(Date.parse(timestamp as string)))
      assert.match(reportingInstance as string, /^mlgitops-flux-/)
      assert.deepEqual(rest, {
        involvedObject: {
          ...{ apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'ExternalArtifact' },
          ...{ name: 'plain', namespace: fluxNamespace },
          uid: stringMember((await release.read('ExternalArtifact')).metadata, 'uid')
        },
        severity: 'info',
        reason: 'Succeeded',
        message: `stored artifact for revision ${revision}`,
        metadata: {
          ...{ revision, originRevision: commits.published },
          commit: commits.published.slice(prefix.length),
          cluster: 'e2e'
        },
        reportingController: 'mlgitops'
      })
    }
  )
}

async function proveFailure(
  bench: Bench,
  points: Points,
  { receivers, commits }: Seen
): Promise<void> {
  const release = bench.known('plain')
  const { events } = bench
  await points.check('a broken commit: once, though the answer to our post was lost', async () => {
    // Other releases tell of the same commit.
    events.losesAnswerTo = /^second\.yaml:8:14: /
    const broken = `${settings('second', '0.7')}  broken: {{ .Values.nowhere }}\n`
    commits.broken = await bench.commit('Broken', { [`${plain}/second.yaml`]: broken })
    const told = await receivers.until('an error', ({ signed }) => signed.find(isOf('plain')))
    assert.match(stringMember(told, 'message') ?? '', failure)
    const { severity, reason, metadata } = told
    assert.deepEqual(
      { severity, reason, metadata },
      {
        ...{ severity: 'error', reason: 'RenderFailed' },
        metadata: {
          originRevision: commits.broken,
          commit: commits.broken.slice(prefix.length),
          cluster: 'e2e'
        }
      }
    )
    const posts = () =>
      events.posts.filter(({ event }) =>
        (stringMember(event, 'message') ?? '').startsWith(
          'second.yaml:8:14: no value for .Values.nowhere [TEMPLATE_VALUE_MISSING]\n'
        )
      )
    await eventually(() => posts().at(-1)?.status === 429 || undefined, {
      what: 'the host knows the second as a duplicate'
    })
    assert.equal(posts().at(-2)?.status, 202)
  })
  await points.check('mended: told as well, and never a second error', async () => {
    bench.git('revert', '--no-edit', 'HEAD')
    commits.mended = await bench.fetched()
    const told = await receivers.until('that it is mended', ({ events: all }) => {
      return all.find(event => member(event.metadata, 'originRevision') === commits.mended)
    })
    const { revision } = await release.artifact()
    const { severity, reason, message, metadata } = told
    assert.deepEqual(
      { severity, reason, message, metadata },
      {
        ...{ severity: 'info', reason: 'Succeeded' },
        message: `stored artifact for revision ${revision}`,
        metadata: {
          ...{ revision, originRevision: commits.mended },
          commit: commits.mended.slice(prefix.length),
          cluster: 'e2e'
        }
      }
    )
    const severities = receivers.events.filter(isOf('plain')).map(event => event.severity)
    assert.deepEqual(severities, ['info', 'error', 'info'])
    assert.equal(receivers.signed.filter(isOf('plain')).length, 1)
  })
}

async function proveCommitStatus(
  bench: Bench,
  points: Points,
  { receivers, commits }: Seen
): Promise<void> {
  await points.check('each commit has its status, also one that changes nothing', async () => {
    const nothing = await bench.commit('Nothing to render', { 'NOTES.md': 'For a status.\n' })
    const statuses = () => receivers.statuses.filter(each => each.context.includes('/plain/'))
    const commit = nothing.slice(prefix.length)
    await receivers.until('the Git host of it', () =>
      statuses().find(each => each.commit === commit)
    )
    assert.deepEqual(
      statuses().map(({ commit: of, state, description }) => [of, state, description]),
      [
        [commits.published.slice(prefix.length), 'success', 'succeeded'],
        [commits.broken.slice(prefix.length), 'failure', 'render failed'],
        [commits.mended.slice(prefix.length), 'success', 'succeeded'],
        [commit, 'success', 'succeeded']
      ]
    )
    assert.match(statuses()[0]?.context ?? '', /^externalartifact\/plain\/[0-9a-f]{8}$/)
  })
  await points.check('a chat is told of the first three of them alone', async () => {
    const said = await receivers.until('a chat', () => {
      const all = saidOf(receivers, 'plain')
      return all.length < 3 ? undefined : all
    })
    assert.deepEqual(
      said.map(({ color }) => color),
      ['good', 'danger', 'good']
    )
    assert.match(stringMember(said[1], 'text') ?? '', failure)
  })
  await points.check('broken from its first commit on: the chat is told all the same', async () => {
    const release = bench.known('unborn')
    await release.apply('ModelRelease', {
      apiVersion: 'mlgitops.io/v1alpha1',
      spec: { sourceRef: { kind: 'GitRepository', name: 'mlops-repo' }, path: 'models/nowhere' }
    })
    const [said] = await receivers.until('a chat', () => {
      const all = saidOf(receivers, 'unborn')
      return all.length === 0 ? undefined : all
    })
    const message = await release.untilFailed('ModelRelease', 'RenderFailed')
    assert.deepEqual([said?.color, said?.text], ['danger', message])
    await release.remove('ModelRelease')
  })
}

/** What a chat was told of an ExternalArtifact. */
function saidOf(receivers: Receivers, name: string): readonly JsonObject[] {
  return receivers.chat
    .flatMap(message => member(message, 'attachments') as readonly JsonObject[])
    .filter(each => each.author_name === `externalartifact/${name}.${fluxNamespace}`)
}

/** The example, and receivers of the suite's own. */
async function applyAlerts(bench: Bench, { url }: Receivers): Promise<void> {
  const secret = (name: string, stringData: JsonObject): JsonObject => ({
    ...{ apiVersion: 'v1', kind: 'Secret', stringData },
    metadata: { name, namespace: fluxNamespace }
  })
  const api = 'notification.toolkit.fluxcd.io/v1beta3'
  const pair = (name: string, severity: string, provider: JsonObject): JsonObject[] => {
    const metadata = { name, namespace: fluxNamespace }
    const eventSources = [{ kind: 'ExternalArtifact', name: 'plain' }]
    const eventMetadata = { cluster: 'e2e' }
    const spec = { providerRef: { name }, eventSeverity: severity, eventSources, eventMetadata }
    return [
      { apiVersion: api, kind: 'Provider', metadata, spec: provider },
      { apiVersion: api, kind: 'Alert', metadata, spec }
    ]
  }
  const items = [
    secret('ml-chat', { address: `${url}/chat` }),
    secret('ml-commits', { token: secrets.git }),
    secret('signed', { token: secrets.hmac }),
    ...pair('events', 'info', { type: 'generic', address: `${url}/events` }),
    ...pair('signed', 'error', {
      ...{ type: 'generic-hmac', address: `${url}/signed`, secretRef: { name: 'signed' } }
    })
  ]
  const list: JsonObject = { apiVersion: 'v1', kind: 'List', items }
  const args = ['apply', '--server-side', '--validate=strict', '-f', '-']
  const seen = await kubectl(bench.machine.controlPlane, args, JSON.stringify(list))
  if (seen.code !== 0) throw new Error(seen.stderr)
  await bench.example('alerts.yaml', url)
}
