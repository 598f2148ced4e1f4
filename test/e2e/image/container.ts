import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Machine } from '../rig/machine.ts'
import type { Program } from '../rig/program.ts'
import type { Buildah, ImageConfig } from './buildah.ts'
import { runCommand } from './command.ts'
import type { Ran } from './command.ts'

/** The settings of a container, as in a pod. */
export interface ContainerOptions {
  readonly name: string
  /** Replaces the image's command. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Files and folders of this machine by their path in the container. */
  readonly volumes?: Readonly<Record<string, string>>
  readonly folder?: string
}

/**
 * Runs the image as a container with `readOnlyRootFilesystem`, `runAsUser: 999`, no capabilities and no new
 * privileges: its own mounts and processes, a root that the kernel mounts read-only, and a /tmp in memory.
 * It uses the network of this machine.
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

  /** The folder of this machine that has the image's files. */
  get root(): string {
    return this.#root
  }

  get config(): ImageConfig {
    return this.#config
  }

  /** Starts a command in it, stopped at the end of the suite at the latest. */
  start(machine: Machine, options: ContainerOptions): Program {
    const [command, ...args] = this.#command(options)
    return machine.start({ name: `image-${options.name}`, command, args })
  }

  /** Runs a command in it to its end. */
  run(options: ContainerOptions): Promise<Ran> {
    const [command, ...args] = this.#command(options)
    return runCommand(command, args)
  }

  #command(options: ContainerOptions): readonly [string, ...string[]] {
    const { volumes = {}, args = this.#config.Cmd ?? [], folder = '/' } = options
    for (const place of Object.keys(volumes)) this.#makeMountPoint(place, volumes[place] ?? '')
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

  /** Creates the file or folder that a volume is mounted on. */
  #makeMountPoint(place: string, source: string): void {
    const inside = path.join(this.#root, place)
    if (statSync(source).isDirectory()) mkdirSync(inside, { recursive: true })
    else {
      mkdirSync(path.dirname(inside), { recursive: true })
      rmSync(inside, { force: true })
      writeFileSync(inside, '')
    }
  }
}
