import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { installForeign } from '../rig/crds.ts'
import { freePort } from '../rig/free-port.ts'
import type { Machine } from '../rig/machine.ts'

const name = 'notification-controller'

/** The reason if it cannot run here, else undefined. */
export function whyNoNotifications(machine: Machine): string | undefined {
  return existsSync(machine.peer(name)) ? undefined : `${name} not found (npm run peers builds it)`
}

/** Installs the kinds that it watches. */
export async function installNotifications(machine: Machine): Promise<void> {
  await installForeign(machine.controlPlane, ['Alert', 'Provider', 'Receiver'])
}

/** Starts it unchanged, and waits until its caches are synced. @returns its URL for events */
export async function startNotifications(machine: Machine): Promise<string> {
  const address = `127.0.0.1:${await freePort()}`
  const home = path.join(machine.folder, `${name}-home`)
  mkdirSync(home, { recursive: true })
  const program = machine.start({
    name,
    command: machine.peer(name),
    args: [
      ...[`--events-addr=${address}`, `--receiverAddr=127.0.0.1:${await freePort()}`],
      ...['--metrics-addr=127.0.0.1:0', '--health-addr=127.0.0.1:0', '--log-encoding=console']
    ],
    env: {
      PATH: process.env.PATH,
      HOME: home,
      TMPDIR: home,
      KUBECONFIG: machine.controlPlane.kubeconfig
    }
  })
  for (const kind of ['alert', 'provider']) {
    await program.line(new RegExp(`(Starting workers)\\s+\\{"controller": ?"${kind}"`))
  }
  return `http://${address}/`
}
