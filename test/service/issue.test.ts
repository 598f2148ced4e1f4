import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { issueAuthority, issueLeaf } from '../../service/certificates/issue.ts'
import { dayMs } from './cluster.ts'

const validity = { notBeforeMs: Date.now() - dayMs, notAfterMs: Date.now() + dayMs }
const [one, two] = await Promise.all([
  issueAuthority('mlgitops CA', validity),
  issueAuthority('mlgitops CA', validity)
])

function openssl(args: readonly string[], input: string): string {
  try {
    return execFileSync('openssl', args, { input, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    return (error as { stderr?: string }).stderr ?? 'no openssl'
  }
}

const isMissing = openssl(['version'], '') === 'no openssl'

t.test(
  'OpenSSL accepts a leaf of either of two CAs with the same name in a bundle, in its strictest mode',
  isMissing ? { skip: 'openssl is not installed' } : {},
  async t => {
    const bundle = path.join(t.testdir({}), 'bundle.pem')
    writeFileSync(bundle, one.certificatePem + two.certificatePem)
    const verify = (pem: string, ...more: readonly string[]) =>
      openssl(['verify', '-x509_strict', '-CAfile', bundle, ...more], pem)
    const forServer = ['-purpose', 'sslserver']
    for (const authority of [one, two]) {
      const leaf = await issueLeaf(authority, ['a.b.svc', '10.1.2.3', 'fd00::1'], validity)
      for (const more of [
        ['-verify_hostname', 'a.b.svc'],
        ['-verify_ip', '10.1.2.3'],
        ['-verify_ip', 'fd00::1']
      ]) {
        t.equal(verify(leaf.certificatePem, ...forServer, ...more), 'stdin: OK\n', more.join(' '))
      }
      t.match(verify(leaf.certificatePem, '-verify_hostname', 'other.svc'), /hostname mismatch/)
      t.match(
        verify(leaf.certificatePem, '-purpose', 'sslclient'),
        /unsuitable certificate purpose/
      )
    }
    const stranger = await issueAuthority('mlgitops CA', validity)
    const foreign = await issueLeaf(stranger, ['a.b.svc'], validity)
    t.match(verify(foreign.certificatePem), /verification failed/)
    const below = await issueLeaf(await issueLeaf(one, ['x.svc'], validity), ['a.b.svc'], validity)
    t.match(verify(below.certificatePem), /verification failed/, 'a leaf cannot sign')
  }
)

t.test(
  'A name that is too long for a common name is complete in the alternative names',
  async t => {
    const name = `${'a'.repeat(60)}.${'b'.repeat(60)}.svc`
    const leaf = new X509Certificate((await issueLeaf(one, [name], validity)).certificatePem)
    t.equal(leaf.subject, `CN=${name.slice(0, 64)}`)
    t.equal(leaf.subjectAltName, `DNS:${name}`)
    t.equal(leaf.checkHost(name), name)
  }
)

t.test('No two certificates share a serial number or a key', async t => {
  const leaves = await Promise.all(
    Array.from({ length: 20 }, () => issueLeaf(one, ['a.svc'], validity))
  )
  t.equal(new Set(leaves.map(({ keyPem }) => keyPem)).size, 20)
  const serials = leaves.map(
    ({ certificatePem }) => new X509Certificate(certificatePem).serialNumber
  )
  t.equal(new Set(serials).size, 20)
  await t.rejects(issueLeaf({ ...one, keyPem: 'none' }, ['a.svc'], validity))
})
