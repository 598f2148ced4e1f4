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
const failure =
  /^second\.yaml:8:14: no value for \.Values\.nowhere, and no environment was given \[TEMPLATE_VALUE_MISSING\]\n/

/** Commits of the points. */
interface Commits {
  published: string
  broken: string
  fixed: string
}

/** Flux's own notification-controller, from our events to its receivers. */
export async function proveNotifications(bench: Bench, points: Points): Promise<void> {
  const reason = whyNoNotifications(bench.machine)
  if (reason !== undefined) {
    points.skip('Alerts, by notification-controller itself', reason)
    return
  }
  const receivers = await Receivers.start(bench.machine)
  await installNotifications(bench.machine)
  await applyAlerts(bench, receivers)
  const commits: Commits = { published: '', broken: '', fixed: '' }
  try {
    await provePublished(bench, points, { receivers, commits })
    await proveFailure(bench, points, { receivers, commits })
    await proveCommitStatus(bench, points, { receivers, commits })
  } finally {
    bench.events.backend = { kind: 'suite' }
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
    'an event from before notification-controller starts is delivered when it is up',
    async () => {
      events.backend = { kind: 'none' }
      const files = { [`${plain}/first.yaml`]: settings('first', '2.0') }
      commits.published = await bench.commit('For a receiver', files)
      const refused = () =>
        events.posts.some(({ event, status }) => isOf('plain')(event) && !status)
      await eventually(() => refused() || undefined, { what: 'an event of ours is refused' })
      events.backend = { kind: 'host', url: await startNotifications(bench.machine) }
      const event = await receivers.until('the publication', ({ events: all }) => {
        return all.find(isOf('plain'))
      })
      const { revision } = await release.artifact()
      const { timestamp, reportingInstance, ...rest } = event
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
  await points.check('a broken commit arrives once, although the answer is lost', async () => {
    // Other releases send events about the same commit.
    events.losesAnswerTo = /^second\.yaml:8:14: /
    const broken = `${settings('second', '0.7')}  broken: {{ .Values.nowhere }}\n`
    commits.broken = await bench.commit('Broken', { [`${plain}/second.yaml`]: broken })
    const event = await receivers.until('an error', ({ signed }) => signed.find(isOf('plain')))
    assert.match(stringMember(event, 'message') ?? '', failure)
    const { severity, reason, metadata } = event
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
          'second.yaml:8:14: no value for .Values.nowhere, and no environment was given [TEMPLATE_VALUE_MISSING]\n'
        )
      )
    await eventually(() => posts().at(-1)?.status === 429 || undefined, {
      what: 'the second post is refused as a duplicate'
    })
    assert.equal(posts().at(-2)?.status, 202)
  })
  await points.check('a fix gives an event, and no second error', async () => {
    bench.git('revert', '--no-edit', 'HEAD')
    commits.fixed = await bench.fetched()
    const event = await receivers.until('the fix', ({ events: all }) => {
      return all.find(each => member(each.metadata, 'originRevision') === commits.fixed)
    })
    const { revision } = await release.artifact()
    const { severity, reason, message, metadata } = event
    assert.deepEqual(
      { severity, reason, message, metadata },
      {
        ...{ severity: 'info', reason: 'Succeeded' },
        message: `stored artifact for revision ${revision}`,
        metadata: {
          ...{ revision, originRevision: commits.fixed },
          commit: commits.fixed.slice(prefix.length),
          cluster: 'e2e'
        }
      }
    )
    const severities = receivers.events.filter(isOf('plain')).map(each => each.severity)
    assert.deepEqual(severities, ['info', 'error', 'info'])
    assert.equal(receivers.signed.filter(isOf('plain')).length, 1)
  })
}

async function proveCommitStatus(
  bench: Bench,
  points: Points,
  { receivers, commits }: Seen
): Promise<void> {
  await points.check('each commit gets a status, also one that changes nothing', async () => {
    const nothing = await bench.commit('Nothing to render', { 'NOTES.md': 'For a status.\n' })
    const statuses = () => receivers.statuses.filter(each => each.context.includes('/plain/'))
    const commit = nothing.slice(prefix.length)
    await receivers.until('the commit status', () =>
      statuses().find(each => each.commit === commit)
    )
    assert.deepEqual(
      statuses().map(({ commit: of, state, description }) => [of, state, description]),
      [
        [commits.published.slice(prefix.length), 'success', 'succeeded'],
        [commits.broken.slice(prefix.length), 'failure', 'render failed'],
        [commits.fixed.slice(prefix.length), 'success', 'succeeded'],
        [commit, 'success', 'succeeded']
      ]
    )
    assert.match(statuses()[0]?.context ?? '', /^externalartifact\/plain\/[0-9a-f]{8}$/)
  })
  await points.check('a chat gets messages about the first three commits only', async () => {
    const messages = await receivers.until('a chat message', () => {
      const all = chatAbout(receivers, 'plain')
      return all.length < 3 ? undefined : all
    })
    assert.deepEqual(
      messages.map(({ color }) => color),
      ['good', 'danger', 'good']
    )
    assert.match(stringMember(messages[1], 'text') ?? '', failure)
  })
  await points.check(
    'a release that is broken from its first commit on is sent to the chat',
    async () => {
      const release = bench.known('unborn')
      await release.apply('ModelRelease', {
        apiVersion: 'mlgitops.io/v1alpha1',
        spec: { sourceRef: { kind: 'GitRepository', name: 'mlops-repo' }, path: 'models/nowhere' }
      })
      const [sent] = await receivers.until('a chat message', () => {
        const all = chatAbout(receivers, 'unborn')
        return all.length === 0 ? undefined : all
      })
      const message = await release.untilFailed('ModelRelease', 'RenderFailed')
      assert.deepEqual([sent?.color, sent?.text], ['danger', message])
      await release.remove('ModelRelease')
    }
  )
}

/** The chat messages about an ExternalArtifact. */
function chatAbout(receivers: Receivers, name: string): readonly JsonObject[] {
  return receivers.chat
    .flatMap(message => member(message, 'attachments') as readonly JsonObject[])
    .filter(each => each.author_name === `externalartifact/${name}.${fluxNamespace}`)
}

/** Applies the alerts of the example, and those of the suite. */
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
