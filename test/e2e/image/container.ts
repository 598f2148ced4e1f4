import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Machine } from '../rig/machine.ts'
import type { Program } from '../rig/program.ts'
import type { Buildah, ImageConfig } from './buildah.ts'
import { runCommand } from './command.ts'
import type { Ran } from './command.ts'

/** What a pod would say of a container. */
export interface ContainerOptions {
  readonly name: string
  /** In place of the image's own command. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Folders of this machine by where the container finds them; `:ro` behind them, or not. */
  readonly volumes?: Readonly<Record<string, string>>
  readonly folder?: string
}

/**
 * The image's files as a container has them under `readOnlyRootFilesystem`, `runAsUser: 999`, no
 * capabilities, no new privileges: its own mounts and processes, the root mounted read-only by the kernel,
 * a /tmp in memory. The network is this machine's.
 */
export class Container {
  readonly #root: string
  readonly #config: ImageConfig

  private constructor(root: string, config: ImageConfig) {
    this.#root = root
    this.#config = config
  }

  static async of(buildah: Buildah, image: string, machine: Machine): Promise<Container> {
    const container = await buildah.run('from', image)
    machine.atEnd(() => buildah.run('rm', container))
    const root = await buildah.run('mount', container)
    machine.atEnd(() => buildah.run('umount', container))
    return new Container(root, await buildah.configOf(image))
  }

  /** The files of the image, seen from outside. */
  get root(): string {
    return this.#root
  }

  get config(): ImageConfig {
    return this.#config
  }

  /** Starts it; it ends with the suite at the latest. */
  start(machine: Machine, options: ContainerOptions): Program {
    const [command, ...args] = this.#command(options)
    return machine.start({ name: `image-${options.name}`, command, args })
  }

  /** Runs it to its end. */
  run(options: ContainerOptions): Promise<Ran> {
    const [command, ...args] = this.#command(options)
    return runCommand(command, args)
  }

  #command(options: ContainerOptions): readonly [string, ...string[]] {
    const { volumes = {}, args = this.#config.Cmd ?? [], folder = '/' } = options
    for (const place of Object.keys(volumes)) this.#makePlace(place, volumes[place] ?? '')
    const script = path.join(import.meta.dirname, 'container.sh')
    const mounts = Object.entries(volumes).flatMap(([place, source]) => [source, place])
    const user = this.#config.User ?? '0'
    const given = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`)
    const env = [...(this.#config.Env ?? []), ...given]
    return [
      'unshare',
      ...['--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child'],
      ...['/bin/sh', script, this.#root, user, folder, String(mounts.length / 2), ...mounts],
      ...['env', '-i', ...env, ...(this.#config.Entrypoint ?? []), ...args]
    ]
  }

  /** A mount needs something to lie on; a link on the way to it would lead out of the image. */
  #makePlace(place: string, source: string): void {
    const inside = path.join(this.#root, place)
    if (statSync(source).isDirectory()) mkdirSync(inside, { recursive: true })
    else {
      mkdirSync(path.dirname(inside), { recursive: true })
      rmSync(inside, { force: true })
      writeFileSync(inside, '')
    }
  }
}
