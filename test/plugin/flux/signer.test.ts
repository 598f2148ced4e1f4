import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import t from 'tap'
import { Fault } from '../../../common/fault.ts'
import { annotations } from '../../../evidence/annotations.ts'
import {
  inTotoPayloadType,
  parseEnvelope,
  verifyEnvelope
} from '../../../evidence/attestation/dsse.ts'
import {
  generateKeyPair,
  readSigningKey,
  readTrustedKey
} from '../../../evidence/attestation/key.ts'
import { failed } from '../../../plugin/flux/release/rendering.ts'
import { readServiceSigning } from '../../../plugin/signer/read-signing.ts'
import { isRunning } from '../../process-tree.ts'
import { annotationsOf, objects } from '../repository.ts'
import { SignedRender } from '../signer/signed-render.ts'
import { FluxCluster, until } from './flux-cluster.ts'

const pod = `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: host/x}]}\n`
const files = { 'app/pod.yaml': pod }

const app = new SignedRender()
t.teardown(() => {
  app.remove()
})
const { pub, good } = app.addSigner()
/** It fails while a file exists, and hangs while another one does. */
const signer = app.script(
  'flux.sh',
  `cd '${app.folder}'
[ "$VAULT_TOKEN" = s.4711 ] || exit 8
[ -e broken ] && { echo sealed >&2; exit 1; }
[ -e hangs ] && { echo $$ > hangs.pid; exec sleep 1000; }
exec '${process.execPath}' '${good}'`
)
const signing = readServiceSigning(
  { signer: `'${signer}'`, signerKey: pub },
  {
    env: { PATH: process.env.PATH, VAULT_TOKEN: 's.4711' },
    folder: app.folder,
    named: new Set(['signer', 'signer-key'])
  }
)
const flag = (name: string) => path.join(app.folder, name)

/** The key that signed the only object of the published artifact. */
function signerOf(cluster: FluxCluster): string {
  const { digest = '' } = cluster.artifact() ?? {}
  const file = `**/${digest.replace('sha256:', '')}.tar.gz`
  const [archive = ''] = globSync(path.join(cluster.work, 'storage', file))
  const yaml = execFileSync('tar', ['-xzOf', archive, 'manifests.yaml'], { encoding: 'utf8' })
  const [object] = objects(yaml)
  const text = String(annotationsOf(object ?? {})[annotations.attestation])
  const verification = verifyEnvelope(parseEnvelope(text), inTotoPayloadType, [
    readTrustedKey(readFileSync(pub, 'utf8'), 'pub'),
    ...own
  ])
  return verification.kind === 'verified' ? verification.keyId : verification.reason
}

const pair = generateKeyPair()
const own = [readTrustedKey(pair.publicPem, 'own')]

t.test('a signer signs every release that has no key of its own', async t => {
  const cluster = await FluxCluster.start(t, files)
  const data = { 'signing.key': Buffer.from(pair.privatePem).toString('base64') }
  cluster.api.put('secrets', {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'ml' }, data }
  })
  cluster.release()
  const flux = await cluster.controller({}, { signing })
  await until(() => cluster.ready().startsWith('True'))
  t.equal(signerOf(cluster), signing?.kind === 'signer' ? signing.signer.keyId : '')
  const bySigner = cluster.artifact()

  t.comment('a lost disk: the signature is another one, the revision is the same')
  await flux.stop()
  rmSync(path.join(cluster.work, 'storage'), { recursive: true })
  const restarted = await cluster.controller({}, { signing })
  await until(async () => (await cluster.get(restarted)).status === 200)
  t.equal(cluster.artifact()?.revision, bySigner?.revision)
  t.not(cluster.artifact()?.digest, bySigner?.digest)

  t.comment('the key of the release takes precedence')
  cluster.release({ signing: { secretRef: { name: 'key' } } })
  await until(() => cluster.artifact()?.revision !== bySigner?.revision)
  await until(async () => (await cluster.get(restarted)).status === 200)
  t.equal(signerOf(cluster), readSigningKey(pair.privatePem, 'k').id)
})

t.test('a signer that fails is a failed release, which is tried again', async t => {
  t.match(failed(new Fault('SIGNER_FAILED', 'x'), false), { isWorthRetrying: true })
  t.match(failed(new Fault('VALUES_INVALID', 'x'), false), { isWorthRetrying: false })
  const cluster = await FluxCluster.start(t, files)
  writeFileSync(flag('broken'), '')
  cluster.release()
  await cluster.controller({}, { signing })
  await until(() => cluster.ready().startsWith('False'))
  t.match(
    cluster.ready(),
    /^False RenderFailed.*--signer: the signer failed \[SIGNER_FAILED\]\n {2}found: {4}flux\.sh: exit code 1; stderr: sealed/s
  )
  t.notOk(cluster.artifact())
  rmSync(flag('broken'))
  cluster.release({}, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } })
  await until(() => cluster.ready().startsWith('True'))
})

t.test('a signer that hangs ends with the controller', async t => {
  const cluster = await FluxCluster.start(t, files)
  writeFileSync(flag('hangs'), '')
  cluster.release()
  const flux = await cluster.controller({}, { signing })
  await until(() => existsSync(flag('hangs.pid')) && readFileSync(flag('hangs.pid'), 'utf8') !== '')
  const pid = Number(readFileSync(flag('hangs.pid'), 'utf8'))
  t.ok(isRunning(pid))
  await flux.stop()
  await until(() => !isRunning(pid))
  t.notOk(cluster.artifact())
})
