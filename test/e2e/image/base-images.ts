import { existsSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import type { Buildah } from './buildah.ts'
import { output } from './command.ts'

/** The project's own Node, installed by npm. */
const node = path.join(import.meta.dirname, '../../../node_modules/node/bin/node')
const suite = 'bookworm'
const searchPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Builds an image like `node:24-bookworm-slim` from Debian packages and npm, for machines without access to
 * an image registry. Built once, in a minute and a half.
 */
export async function nodeImage(buildah: Buildah): Promise<string> {
  const version = (await output(node, ['--version'])).replace('v', '')
  const image = `localhost/node:${version}-${suite}-slim`
  if (await buildah.has(image)) return image
  const root = path.join(buildah.folder, 'debian')
  rmSync(root, { recursive: true, force: true })
  const mirror = (
    await output('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'])
  ).split('\n')[0]
  if (mirror === undefined) throw new Error('apt-get has no Debian mirror configured')
  const variant = ['--variant=minbase', '--include=ca-certificates']
  await output('debootstrap', [...variant, suite, root, mirror])
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', path.join(root, 'usr/local/bin/npm'))
  const npm = path.join(await output('npm', ['root', '--global']), 'npm')
  await buildah.commitFiles(
    image,
    [
      [root, '/'],
      [node, '/usr/local/bin/node'],
      [npm, '/usr/local/lib/node_modules/npm']
    ],
    ['--env', searchPath]
  )
  rmSync(root, { recursive: true, force: true })
  return image
}

/** Builds an image with kustomize at the path that the Dockerfile copies. */
export async function kustomizeImage(buildah: Buildah, kustomize: string): Promise<string> {
  const image = 'localhost/kustomize:peer'
  await buildah.commitFiles(image, [[realpathSync(kustomize), '/app/kustomize']])
  return image
}

/** Builds an image with helm at the path that the Dockerfile copies. */
export async function helmImage(buildah: Buildah, helm: string): Promise<string> {
  const image = 'localhost/helm:peer'
  await buildah.commitFiles(image, [[realpathSync(helm), '/usr/bin/helm']])
  return image
}

/**
 * The volume options with which npm reaches its registry in a build as it does outside: its settings and
 * the CA of `NODE_EXTRA_CA_CERTS`. Mounted, so that no layer contains them.
 */
export async function npmMounts(write: (text: string) => string): Promise<string[]> {
  const settings = await Promise.all(
    ['userconfig', 'globalconfig'].map(name => output('npm', ['config', 'get', name]))
  )
  const [user, global] = settings
  const authority = process.env.NODE_EXTRA_CA_CERTS
  const mounts: string[] = []
  if (user !== undefined && existsSync(user)) mounts.push(`${user}:/root/.npmrc:ro`)
  if (global !== undefined && existsSync(global)) mounts.push(`${global}:/usr/local/etc/npmrc:ro`)
  if (authority !== undefined) {
    mounts.push(`${authority}:/run/authority.pem:ro`)
    mounts.push(`${write('cafile=/run/authority.pem\n')}:/src/.npmrc:ro`)
  }
  return mounts.flatMap(mount => ['--volume', mount])
}
