import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { output } from './command.ts'

/** The defaults that an image is started with. */
export interface ImageConfig {
  readonly Env?: readonly string[]
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly User?: string
}

/** buildah with its own store, so that the user's images are not touched. */
export class Buildah {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    mkdirSync(folder, { recursive: true })
  }

  run(...args: readonly string[]): Promise<string> {
    const store = ['--root', path.join(this.folder, 'store')]
    const state = ['--runroot', path.join(this.folder, 'state')]
    const env = { ...process.env, BUILDAH_ISOLATION: 'chroot', STORAGE_DRIVER: 'vfs' }
    return output('buildah', [...store, ...state, ...args], env)
  }

  async has(image: string): Promise<boolean> {
    try {
      await this.run('inspect', '--type', 'image', image)
      return true
    } catch {
      return false
    }
  }

  async configOf(image: string): Promise<ImageConfig> {
    const text = await this.run('inspect', '--type', 'image', image)
    return (JSON.parse(text) as { readonly OCIv1: { readonly config: ImageConfig } }).OCIv1.config
  }

  /** Returns the number of layers of an image. */
  async layersOf(image: string): Promise<number> {
    const text = await this.run('inspect', '--type', 'image', image)
    const { OCIv1 } = JSON.parse(text) as {
      readonly OCIv1: { readonly rootfs: { readonly diff_ids: readonly string[] } }
    }
    return OCIv1.rootfs.diff_ids.length
  }

  /** Builds an image of files. @param files each source with its path in the image */
  async commitFiles(
    image: string,
    files: readonly (readonly [source: string, target: string])[],
    config: readonly string[] = []
  ): Promise<void> {
    const container = await this.run('from', 'scratch')
    try {
      for (const [source, target] of files) await this.run('copy', '-q', container, source, target)
      if (config.length > 0) await this.run('config', ...config, container)
      await this.run('commit', '-q', container, image)
    } finally {
      await this.run('rm', container)
    }
  }
}
