import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { makeKey } from '../rig/model-repository.ts'
import type { Points } from '../rig/points.ts'

const project = path.join(import.meta.dirname, '../../..')

/** The kustomization of docs/install.md, word by word but for the place of the checkout. */
export async function proveDocumented(machine: Machine, points: Points): Promise<void> {
  await points.check(
    'the kustomization of docs/install.md is taken, with all that it adds',
    async () => {
      const page = readFileSync(path.join(project, 'docs/install.md'), 'utf8')
      const [, text = ''] = /```yaml\n# mlgitops\/kustomization\.yaml\n(.*?)```/s.exec(page) ?? []
      const folder = path.join(machine.folder, 'documented')
      mkdirSync(folder)
      await makeKey(path.join(machine.folder, 'documented-keys'))
      copyFileSync(
        path.join(machine.folder, 'documented-keys/signing.pub'),
        path.join(folder, 'signing.pub')
      )
      const checkout = path.relative(folder, project)
      writeFileSync(
        path.join(folder, 'kustomization.yaml'),
        text.replaceAll('PATH/', `${checkout}/`)
      )
      const built = await kubectl(machine.controlPlane, ['kustomize', folder])
      assert.match(built.stdout, /image: REGISTRY\/mlgitops:0\.1\.0/)
      assert.match(built.stdout, / {2}signing\.pub: \|/)
      assert.match(built.stdout, /- --prometheus=http:\/\/prometheus\.monitoring:9090/)
      const seen = await kubectl(machine.controlPlane, [
        ...['apply', '--server-side', '--dry-run=server', '-k', folder]
      ])
      assert.deepEqual([seen.stderr, seen.code], ['', 0])
    }
  )
}
