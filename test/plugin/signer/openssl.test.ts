import { spawnSync } from 'node:child_process'
import path from 'node:path'
import t from 'tap'
import { buildInto } from '../../built.ts'
import { SignedRender } from './signed-render.ts'

/** Signs with the real openssl, through the built bundle, with a key of each kind. */
const openssl = (args: readonly string[], input?: string) =>
  spawnSync('openssl', args, { encoding: 'utf8', input })

const { error, stdout: version } = openssl(['version'])
const isThree = error === undefined && version.startsWith('OpenSSL 3.')
if (!isThree) t.comment('SKIPPED: OpenSSL 3 was not found, and signs in every test of this file')
const skip = isThree ? false : 'OpenSSL 3 was not found'

const app = new SignedRender()
t.teardown(() => {
  app.remove()
})
const bundle = path.join(app.folder, 'mlgitops.js')
buildInto(app.folder)

/** Arguments of genpkey, and how openssl signs with the key. */
const keys: Readonly<Record<string, { readonly made: string; readonly sign: string }>> = {
  Ed25519: { made: '-algorithm ed25519', sign: 'pkeyutl -sign -rawin' },
  'ECDSA P-256': {
    made: '-algorithm EC -pkeyopt ec_paramgen_curve:P-256',
    sign: 'pkeyutl -sign -rawin -digest sha256'
  },
  'ECDSA P-384': {
    made: '-algorithm EC -pkeyopt ec_paramgen_curve:P-384',
    sign: 'pkeyutl -sign -rawin -digest sha384'
  },
  'RSA-PSS, the longest salt': {
    made: '-algorithm RSA -pkeyopt rsa_keygen_bits:2048',
    sign: 'pkeyutl -sign -rawin -digest sha256 -pkeyopt rsa_padding_mode:pss'
  },
  'RSA-PSS, a salt of 32 bytes': {
    made: '-algorithm RSA -pkeyopt rsa_keygen_bits:3072',
    sign: 'pkeyutl -sign -rawin -digest sha256 -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest'
  },
  'id-RSASSA-PSS': {
    made: '-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32',
    sign: 'pkeyutl -sign -rawin -digest sha256'
  }
}

function makeKey(name: string, made: string): { readonly secret: string; readonly pub: string } {
  const file = name.replaceAll(/\W+/g, '-')
  const pem = openssl(['genpkey', ...made.split(' ')]).stdout
  const secret = app.write(`${file}.pem`, pem, 0o600)
  return { secret, pub: app.write(`${file}.pub`, openssl(['pkey', '-pubout'], pem).stdout) }
}

/** `openssl pkeyutl` prints bytes and needs a file for -rawin; a script makes base64 of them. */
const script = app.write(
  'sign.sh',
  '#!/bin/sh\nset -e\ncat > "$1.in"\nkey=$1\nshift\nopenssl "$@" -inkey "$key" -in "$key.in" | base64\n',
  0o755
)

for (const [name, { made, sign }] of Object.entries(keys)) {
  t.test(`${name}: signed by openssl, admitted by check`, { skip }, async t => {
    const { secret, pub } = makeKey(name, made)
    const signer = `'${script}' "${secret}" ${sign}`
    const { stdout, stderr, status } = app.renderBy(bundle, signer, pub)
    t.equal(stderr, '')
    t.equal(status, 0)
    t.equal(stdout.match(/mlgitops\.io\/attestation:/g)?.length, 3)
    const admitted = await app.check(stdout, pub)
    t.equal(admitted.exitCode, 0, admitted.stdout)
    const edited = await app.check(stdout.replace('name: b', 'name: x'), pub)
    t.equal(edited.exitCode, 1)
    t.match(edited.stdout, 'the attestation was made for another object')
    const stranger = makeKey('stranger', '-algorithm ed25519').pub
    const refused = await app.check(stdout, stranger)
    t.equal(refused.exitCode, 1)
    t.match(refused.stdout, 'the attestation is not trusted: no trusted key signed it')
    const other = makeKey('other', made).pub
    const wrong = app.renderBy(bundle, signer, other)
    t.same([wrong.stdout, wrong.status], ['', 1])
    t.match(
      wrong.stderr,
      /--signer: the signature does not verify with --signer-key \[SIGNER_KEY\]/
    )
  })
}

t.test('openssl that signs with PKCS #1 v1.5 or of another hash is refused', { skip }, async t => {
  const { secret, pub } = makeKey('rsa', '-algorithm RSA -pkeyopt rsa_keygen_bits:2048')
  for (const sign of [
    'pkeyutl -sign -rawin -digest sha256',
    'pkeyutl -sign -rawin -digest sha512 -pkeyopt rsa_padding_mode:pss',
    'pkeyutl -sign -rawin -digest sha256 -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_mgf1_md:sha1'
  ]) {
    const { stdout, stderr, exitCode } = await app.render(`'${script}' '${secret}' ${sign}`, pub)
    t.same([stdout, exitCode], ['', 1])
    t.match(
      stderr,
      /^mlgitops: --signer: the signature does not verify with --signer-key \[SIGNER_KEY\]\n {2}found: {4}256 bytes\n {2}expected: an RSASSA-PSS signature of stdin with SHA-256 and MGF1 with SHA-256, not PKCS #1 v1\.5\n/
    )
  }
})

t.test('openssl that fails is quoted', { skip }, async t => {
  const { pub } = makeKey('ed', '-algorithm ed25519')
  const { stdout, stderr, exitCode } = await app.render('openssl pkeyutl -sign -inkey absent', pub)
  t.same([stdout, exitCode], ['', 1])
  t.match(
    stderr,
    /^mlgitops: --signer: the signer failed \[SIGNER_FAILED\]\n {2}found: {4}openssl: exit code 1; stderr: Could not open/
  )
})
