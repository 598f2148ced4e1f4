import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import type { Machine } from '../rig/machine.ts'
import type { Points } from '../rig/points.ts'
import type { Suite } from '../rig/suite.ts'
import { helmImage, kustomizeImage, nodeImage, npmMounts } from './base-images.ts'
import { Buildah } from './buildah.ts'
import { Container } from './container.ts'
import { proveContents } from './contents.ts'
import { provePlugin } from './plugin.ts'
import { proveServices } from './services.ts'

const project = path.join(import.meta.dirname, '../../..')
const image = 'localhost/mlgitops:e2e'

/** Tests the image of the Dockerfile, and each part in it as a pod runs it. */
export const imageSuite: Suite = async ({ machine, points }) => {
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache')
  const buildah = new Buildah(path.join(cache, 'mlgitops/image'))
  const isBuilt = await points.check('the Dockerfile builds', () => build(buildah, machine))
  if (!isBuilt) return
  const container = await Container.of(buildah, image, machine)
  await proveContents(container, await buildah.layersOf(image), points)
  await proveRoot(container, points)
  await provePlugin(container, machine, points)
  await proveServices(container, machine, points)
}

async function build(buildah: Buildah, machine: Machine): Promise<void> {
  const settings = (text: string) => {
    const file = path.join(machine.folder, 'npmrc')
    writeFileSync(file, text)
    return file
  }
  await buildah.run(
    ...['bud', '--pull-never', '--tag', image],
    ...['--build-arg', `NODE_IMAGE=${await nodeImage(buildah)}`],
    ...[
      '--build-arg',
      `KUSTOMIZE_IMAGE=${await kustomizeImage(buildah, machine.peer('kustomize'))}`,
      '--build-arg',
      `HELM_IMAGE=${await helmImage(buildah, machine.peer('helm'))}`
    ],
    ...(await npmMounts(settings)),
    project
  )
}

/** Tests that the restrictions are in force; otherwise the other tests would prove nothing. */
async function proveRoot(container: Container, points: Points): Promise<void> {
  await points.check(
    'the container runs as user 999 with a read-only root and a writable /tmp',
    async () => {
      const script =
        'id -u; touch /usr/x; touch /home/x; touch /tmp/x && echo written; node -p process.version'
      const ran = await container.run({ name: 'root', args: ['sh', '-c', script] })
      assert.match(ran.stdout, /^999\nwritten\nv24\.\d+\.\d+\n$/)
      assert.equal(
        ran.stderr,
        "touch: cannot touch '/usr/x': Read-only file system\ntouch: cannot touch '/home/x': Read-only file system\n"
      )
    }
  )
}
