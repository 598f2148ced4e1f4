import t from 'tap'
import { generateKeyPair } from '../../../evidence/attestation/key.ts'
import { readServeFluxOptions } from '../../../plugin/flux/serve-options.ts'
import { FluxCluster, until } from './flux-cluster.ts'

const pod = `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: host/x}]}\n`
const settings = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\ndata: {a: b}\n`

t.test('--require-signature is a switch of serve flux', t => {
  const isRequired = (...args: readonly string[]) =>
    readServeFluxOptions({ args: ['--advertise', 'http://flux', ...args], env: {} })
      ?.isSignatureRequired
  t.equal(isRequired('--require-signature'), true)
  t.equal(isRequired(), false)
  t.end()
})

t.test('a release that is not signed fails, and what was published stays', async t => {
  const files = { 'app/settings.yaml': settings }
  const cluster = await FluxCluster.start(t, files)
  const { privatePem } = generateKeyPair()
  const data = { 'signing.key': Buffer.from(privatePem).toString('base64') }
  cluster.api.put('secrets', {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'ml' }, data }
  })
  cluster.release()
  await cluster.controller({ isSignatureRequired: true })
  await until(() => cluster.ready().startsWith('True'))
  const published = cluster.artifact()

  t.comment('a commit adds an object that runs something')
  cluster.push({ 'app/pod.yaml': pod })
  await until(() => cluster.ready().startsWith('False'))
  t.equal(
    cluster.ready(),
    'False RenderFailed: pod.yaml:1:1: objects are not attested: no signing key (spec.signing, --signer) [SIGNATURE_REQUIRED]\n' +
      '  found:    Pod p\n' +
      '  remedy:   Name the Secret of a key in spec.signing, or start the controller with --signer.'
  )
  t.same(cluster.artifact(), published)

  t.comment('with a key it is published')
  cluster.release({ signing: { secretRef: { name: 'key' } } })
  await until(() => cluster.ready().startsWith('True'))
  await until(() => cluster.artifact()?.revision !== published?.revision)
})

t.test('without the option a release that is not signed is published', async t => {
  const cluster = await FluxCluster.start(t, { 'app/pod.yaml': pod })
  cluster.release()
  await cluster.controller()
  await until(() => cluster.ready().startsWith('True'))
  t.ok(cluster.artifact())
})
