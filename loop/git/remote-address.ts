import { existsSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { UsageError } from '../../common/command.ts'

/** An address that git fetches from and pushes to. */
export interface RemoteAddress {
  readonly url: string
  /** For messages: without the absolute path of a folder. */
  readonly name: string
}

/**
 * Reads `--repo`: a folder with a repository, or an address of https, ssh or http.
 *
 * @param folder relative names start here
 * @throws {UsageError} for an address with credentials, which every process list would show
 * @throws {Fault} `REPOSITORY_ABSENT`
 */
export function readRemote(text: string, folder: string): RemoteAddress {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? URL.parse(text) : undefined
  if (url === null) throw new UsageError('--repo is not an address')
  if (url !== undefined) {
    if (url.password !== '' || (url.protocol.startsWith('http') && url.username !== '')) {
      throw new UsageError('--repo has credentials in its address: use --token-file')
    }
    if (!/^(?:https?|ssh|file):$/.test(url.protocol)) {
      throw new UsageError(`--repo: ${url.protocol}// is none of https, ssh, http and file`)
    }
    return { url: text, name: text }
  }
  if (/^[^/]+@[^/]+:/.test(text)) return { url: text, name: text }
  const local = path.resolve(folder, text)
  if (!existsSync(local)) {
    throw new Fault('REPOSITORY_ABSENT', 'there is no such repository', { where: text })
  }
  return { url: local, name: text }
}

/**
 * Variables that make git send a token to this address: in no argument and no file.
 *
 * @throws {UsageError} for an address to which a token would go without encryption
 */
export function tokenVariables(
  { url }: RemoteAddress,
  token: string | undefined
): Readonly<Record<string, string>> {
  if (token === undefined) return {}
  const address = URL.parse(url)
  const isLoopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(address?.hostname ?? '')
  if (address?.protocol !== 'https:' && !(address?.protocol === 'http:' && isLoopback)) {
    throw new UsageError('--token-file needs an https address')
  }
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64')
  return {
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: `http.${address.origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    GIT_CONFIG_KEY_1: 'credential.helper',
    GIT_CONFIG_VALUE_1: ''
  }
}
