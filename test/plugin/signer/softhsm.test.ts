import { generateKeyPairSync } from 'node:crypto'
import type { KeyPairKeyObjectResult } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { SignedRender } from './signed-render.ts'

/** Signs with keys in a PKCS#11 token: SoftHSM, through OpenSC's pkcs11-tool. */
const modules = ['lib/softhsm', 'lib/x86_64-linux-gnu/softhsm', 'lib/aarch64-linux-gnu/softhsm']
const module = modules
  .map(folder => path.join('/usr', folder, 'libsofthsm2.so'))
  .find(file => existsSync(file))
const isThere = (command: string) => spawnSync(command, ['--version']).error === undefined
const hasTools = ['softhsm2-util', 'pkcs11-tool', 'openssl', 'base64'].every(isThere)
const skip = module !== undefined && hasTools ? false : 'SoftHSM or OpenSC was not found'
if (skip !== false) t.comment(`SKIPPED: ${skip} (apt install softhsm2 opensc)`)

const app = new SignedRender()
t.teardown(() => {
  app.remove()
})
const tokens = path.join(app.folder, 'tokens')
mkdirSync(tokens)
const env = {
  SOFTHSM2_CONF: app.write('softhsm2.conf', `directories.tokendir = ${tokens}\n`),
  HSM_PIN: '91827364'
}
const util = (...args: readonly string[]) =>
  spawnSync('softhsm2-util', args, { env: { ...process.env, ...env }, encoding: 'utf8' })

const tool = `pkcs11-tool --module ${module ?? ''} --token-label t --login --pin "$HSM_PIN" --sign`

/** Keys, and the pipeline that signs stdin with the one of this ID. */
const keys: Readonly<Record<string, readonly [KeyPairKeyObjectResult, (id: string) => string]>> = {
  'ECDSA P-256': [
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    id => `openssl dgst -sha256 -binary | ${tool} --mechanism ECDSA --id ${id} | base64`
  ],
  'ECDSA P-384, in DER': [
    generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    id =>
      `openssl dgst -sha384 -binary | ${tool} --mechanism ECDSA --signature-format openssl --id ${id} | base64`
  ],
  'RSA-PSS': [
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    id => `${tool} --mechanism SHA256-RSA-PKCS-PSS --id ${id} | base64`
  ]
}

t.test('keys in a PKCS#11 token sign, and check admits', { skip }, async t => {
  util('--init-token', '--free', '--label', 't', '--pin', env.HSM_PIN, '--so-pin', '56785678')
  for (const [index, [name, [pair, pipeline]]] of Object.entries(keys).entries()) {
    const id = `0${index + 1}`
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const secret = app.write('import.pem', pem, 0o600)
    const args = ['--import', secret, '--token', 't', '--pin', env.HSM_PIN]
    const imported = util(...args, '--label', name, '--id', id)
    t.equal(imported.status, 0, imported.stderr)
    const pub = app.write(
      `${id}.pub`,
      pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
    )
    const { stdout, stderr, exitCode } = await app.render(`sh -c '${pipeline(id)}'`, pub, env)
    t.same([stderr, exitCode], ['', 0], name)
    const admitted = await app.check(stdout, pub)
    t.equal(admitted.exitCode, 0, admitted.stdout)
    const edited = await app.check(stdout.replace('host/i:1', 'host/i:2'), pub)
    t.equal(edited.exitCode, 1)
    t.match(edited.stdout, 'this image was not attested')
  }
})

t.test('a wrong PIN is the error of the tool, without the PIN', { skip }, async t => {
  const pub = path.join(app.folder, '01.pub')
  const pipeline = `${tool} --mechanism SHA256-RSA-PKCS-PSS --id 03`
  const wrong = { ...env, HSM_PIN: '00000000' }
  const { stdout, stderr, exitCode } = await app.render(`sh -c '${pipeline}'`, pub, wrong)
  t.same([stdout, exitCode], ['', 1])
  t.match(stderr, /\[SIGNER_FAILED\]\n {2}found: {4}sh: exit code 1; stderr: .*CKR_PIN_INCORRECT/s)
  t.notMatch(stderr, '00000000')
})
