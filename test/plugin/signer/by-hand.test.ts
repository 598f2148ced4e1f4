import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { annotations } from '../../../evidence/annotations.ts'
import { annotationsOf, objects } from '../repository.ts'
import { SignedRender } from './signed-render.ts'

/** Runs the commands of docs/keys.md that verify an attestation without mlgitops. */
const tools = ['sh', 'jq', 'openssl', 'base64', 'od'].filter(
  tool => spawnSync(tool, ['--version']).error !== undefined
)
const skip = tools.length === 0 ? false : `${tools.join(' and ')} not found`
if (skip !== false) t.comment(`SKIPPED: ${skip}`)

const app = new SignedRender()
t.teardown(() => {
  app.remove()
})
const page = readFileSync('docs/keys.md', 'utf8')
const [, commands = ''] = /## Verification by hand[^]*?```sh\n([^]*?)```/.exec(page) ?? []

t.test('every object of a batch is verified by the commands of the page', { skip }, async t => {
  const { pub, good } = app.addSigner()
  const { stdout } = await app.render(`'${process.execPath}' '${good}'`, pub)
  const verify = (attestation: string) => {
    app.write('attestation.json', attestation)
    return spawnSync('sh', ['-c', commands], { cwd: app.folder, encoding: 'utf8' })
  }
  const attestations = objects(stdout).map(each =>
    String(annotationsOf(each)[annotations.attestation])
  )
  for (const [index, name] of ['a', 'b', 'c'].entries()) {
    const verified = verify(attestations[index] ?? '')
    t.same([verified.stderr, verified.status], ['', 0])
    const [line = '', ...object] = verified.stdout.split('\n')
    t.equal(line, 'Verified OK')
    t.same(JSON.parse(object.join('\n')), { group: '', kind: 'Pod', name, namespace: 'ml' })
  }
  const { leaf } = JSON.parse(attestations[0] ?? '') as { readonly leaf: object }
  const moved = verify(
    JSON.stringify({ ...JSON.parse(attestations[1] ?? ''), leaf: { ...leaf, index: 1 } })
  )
  t.same([moved.stdout, moved.status], ['Verified OK\n', 1], 'a leaf in another place')
})
