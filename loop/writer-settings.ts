import { readFileSync } from 'node:fs'
import path from 'node:path'
import { UsageError } from '../common/command.ts'
import { Fault } from '../common/fault.ts'
import type { Given } from '../common/options.ts'
import type { Person } from './git/make-commit.ts'
import { readRemote, tokenVariables } from './git/remote-address.ts'
import type { RemoteAddress } from './git/remote-address.ts'
import type { writerOptions } from './writer-options.ts'

/** Where a command writes, as whom. */
export interface WriterSettings {
  readonly remote: RemoteAddress
  readonly branchName: string
  readonly author: Person
  readonly signingKey: string | undefined
  /** Variables of git with the token. */
  readonly variables: Readonly<Record<string, string>>
  /** The address for other tools; undefined for a folder. */
  readonly repository: string | undefined
}

/**
 * Reads the options of a command that writes to a repository. The token is read anew for each command.
 *
 * @throws {UsageError}
 * @throws {Fault} `FILE_UNREADABLE`, `REPOSITORY_ABSENT`
 */
export function writerSettings(given: Given<typeof writerOptions>, folder: string): WriterSettings {
  if (given.repo === undefined) throw new UsageError('--repo is needed')
  const remote = readRemote(given.repo, folder)
  const tokenFile = given['token-file']
  const token = tokenFile === undefined ? undefined : readToken(path.resolve(folder, tokenFile))
  const key = given['signing-key']
  return {
    remote,
    branchName: branchName(given.branch),
    author: readPerson(given.author),
    signingKey: key === undefined ? undefined : path.resolve(folder, key),
    variables: tokenVariables(remote, token),
    repository: remote.url.startsWith('https://') ? remote.url : undefined
  }
}

/** Source: git-check-ref-format, narrower. */
function branchName(name: string): string {
  const isFit =
    /^[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}$/.test(name) &&
    !/\.\.|\/\/|\.lock(?:\/|$)|[/.]$/.test(name)
  if (!isFit) throw new UsageError('--branch is not the name of a branch')
  return name
}

function readPerson(text: string): Person {
  const [, name, mail] = /^([^<>\p{Cc}]+?) *<([^<>\p{Cc}\s]+)>$/u.exec(text) ?? []
  if (name === undefined || mail === undefined) throw new UsageError('--author is not NAME <MAIL>')
  return { name, mail }
}

function readToken(file: string): string {
  let token: string
  try {
    token = readFileSync(file, 'utf8').trim()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new Fault('FILE_UNREADABLE', `cannot be read (${code})`, { where: '--token-file' })
  }
  if (/^[!-~]{1,4096}$/.test(token)) return token
  throw new Fault('FILE_UNREADABLE', 'the file does not hold one token', { where: '--token-file' })
}
