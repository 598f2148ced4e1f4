import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { makeKey } from '../rig/model-repository.ts'
import { makeNamespace } from '../rig/namespace.ts'
import type { Points } from '../rig/points.ts'

const run = promisify(execFile)
const project = path.join(import.meta.dirname, '../../..')
const namespace = 'e2e-documented'
/** Cluster-scoped kinds of the overlays. */
const clusterKinds = [
  ...['clusterroles', 'clusterrolebindings', 'validatingwebhookconfigurations'],
  ...['validatingadmissionpolicies', 'validatingadmissionpolicybindings']
]

/** Follows docs/install.md literally, except for the path of the checkout and the namespace. */
export async function proveDocumented(machine: Machine, points: Points): Promise<void> {
  const page = readFileSync(path.join(project, 'docs/install.md'), 'utf8')
  const folder = path.join(machine.folder, 'documented')
  await points.check(
    'the kustomization of docs/install.md sets the image, key and Prometheus',
    async () => {
      const [, text = ''] = /```yaml\n# mlgitops\/kustomization\.yaml\n(.*?)```/s.exec(page) ?? []
      const own = path.join(folder, 'mlgitops')
      mkdirSync(own, { recursive: true })
      symlinkSync(project, path.join(folder, 'PATH'))
      await makeKey(path.join(folder, 'keys'))
      copyFileSync(path.join(folder, 'keys/signing.pub'), path.join(own, 'signing.pub'))
      const checkout = path.relative(own, project)
      writeFileSync(path.join(own, 'kustomization.yaml'), text.replaceAll('PATH/', `${checkout}/`))
      const built = await kubectl(machine.controlPlane, ['kustomize', own])
      assert.match(built.stdout, /image: REGISTRY\/mlgitops:0\.1\.0/)
      assert.match(built.stdout, / {2}signing\.pub: \|/)
      assert.match(built.stdout, /- --prometheus=http:\/\/prometheus\.monitoring:9090/)
    }
  )
  await makeNamespace(machine, namespace)
  await points.check('the commands of docs/install.md install it', async () => {
    const output = await runAll(machine, folder, commandsOf(page, 'Webhook and analysis'))
    assert.match(output, /deployment "mlgitops-webhook" successfully rolled out/)
    assert.match(output, /deployment "mlgitops-analysis" successfully rolled out/)
    assert.match(output, /^require-bias-audit +\["Warn","Audit"\]/m)
    assert.match(output, new RegExp(`^namespace/${namespace} labeled$`, 'm'))
  })
  await points.check('the commands of docs/install.md remove it without leftovers', async () => {
    await runAll(machine, folder, commandsOf(page, 'Removal'))
    const ours = ['-l', 'app.kubernetes.io/part-of=mlgitops', '-o', 'name']
    const left = await kubectl(machine.controlPlane, ['get', clusterKinds.join(), ...ours])
    assert.deepEqual([left.stdout, left.code], ['', 0])
    const all = await kubectl(machine.controlPlane, ['get', 'namespaces,crds', '-o', 'name'])
    assert.doesNotMatch(all.stdout, /mlgitops/)
  })
}

/** Returns the lines of the first shell block of a section. */
function commandsOf(page: string, section: string): readonly string[] {
  const text = page.slice(page.indexOf(`\n## ${section}\n`))
  const [, block = ''] = /```sh\n(.*?)```/s.exec(text) ?? []
  const lines = block.trim().split('\n')
  assert.ok(lines.length > 2, `the commands of ${section}`)
  return lines
}

/** Runs commands and returns their output; none may fail or print to stderr. */
async function runAll(
  { controlPlane, folder: home }: Machine,
  folder: string,
  lines: readonly string[]
): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: home, KUBECONFIG: controlPlane.kubeconfig }
  let output = ''
  for (const line of lines) {
    const command = line.replace(/\bNS\b/, namespace)
    const { stdout, stderr } = await run('sh', ['-c', command], { cwd: folder, env })
    assert.equal(stderr, '', command)
    output += stdout
  }
  return output
}
