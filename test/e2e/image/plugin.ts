import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { run } from '../../../bin/run.ts'
import { eventually } from '../rig/eventually.ts'
import type { Machine } from '../rig/machine.ts'
import { ModelRepository } from '../rig/model-repository.ts'
import type { Points } from '../rig/points.ts'
import type { Container } from './container.ts'
import { giveAway, ownedFolder } from './owned-folder.ts'
import { processesBelow } from './processes.ts'

/** Tests the plugin in the image: it renders as the checkout does, and argocd-cmp-server starts. */
export async function provePlugin(
  container: Container,
  machine: Machine,
  points: Points
): Promise<void> {
  const repository = await ModelRepository.create(machine.folder, {})
  const work = repository.git.folder
  const ours = async (application: string) => {
    const key = ['--key', repository.signingKey]
    const args = ['render', application, '--environment', 'staging', ...key]
    return run({ args, env: {}, folder: work })
  }
  const paths = ['models/churn-prediction', 'models/sentiment', 'overlays/staging']
  const expected = new Map<string, string>()
  for (const each of paths) expected.set(each, (await ours(each)).stdout)
  giveAway(work)
  const keys = path.dirname(repository.signingKey)
  giveAway(keys)
  for (const each of paths) {
    await points.check(`the plugin renders and signs ${each} as the checkout does`, async () => {
      const ran = await container.run({
        name: 'render',
        args: ['mlgitops', 'render', each, '--environment', 'staging'],
        env: { MLGITOPS_SIGNING_KEY_FILE: '/etc/mlgitops/signing.key' },
        volumes: { '/work': work, '/etc/mlgitops': keys },
        folder: '/work'
      })
      assert.deepEqual([ran.stderr, ran.code], ['', 0])
      assert.match(ran.stdout, /mlgitops\.io\/attestation/)
      assert.equal(ran.stdout, expected.get(each))
    })
  }
  await proveSidecar(container, machine, points)
}

async function proveSidecar(container: Container, machine: Machine, points: Points): Promise<void> {
  const name = 'argocd-cmp-server starts by the image’s own command and opens its socket'
  const argocd = machine.peer('argocd')
  if (!existsSync(argocd)) {
    points.skip(name, 'argocd not found; run npm run peers')
    return
  }
  await points.check(name, async () => {
    const plugins = ownedFolder(machine, 'plugins')
    const sidecar = container.start(machine, {
      name: 'sidecar',
      volumes: {
        // /var/run is a link to it.
        '/run/argocd/argocd-cmp-server': argocd,
        '/home/argocd/cmp-server/plugins': plugins
      }
    })
    const socket = path.join(plugins, 'mlgitops.sock')
    await eventually(() => existsSync(socket) || undefined, { what: 'the socket exists' })
    const all = processesBelow(sidecar.pid)
    assert.deepEqual(
      all.map(({ user, capabilities, canGainPrivileges }) => [
        user,
        Number(`0x${capabilities}`),
        canGainPrivileges
      ]),
      all.map(() => [999, 0, false])
    )
  })
}
