import path from 'node:path'
import { UsageError } from '../../common/command.ts'
import { readTrustedKey } from '../../evidence/attestation/key.ts'
import type { Signing } from '../../evidence/attestation/signing.ts'
import { readCallerText, readKeyFile } from '../caller-file.ts'
import { endingWithProcess } from './ending-with-process.ts'
import { signByProgram } from './program-signer.ts'
import type { ProgramSigner } from './program-signer.ts'
import { signerOptions, signingOptions } from './signing-options.ts'
import { splitWords } from './split-words.ts'

/** The values of {@link signingOptions}. */
export interface SigningChoices {
  readonly key?: string | undefined
  readonly signer: string | undefined
  readonly 'signer-key': string | undefined
}

/** Who signs, and where. */
export interface SigningCaller {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that names of files are relative to. */
  readonly folder: string
  /** Names of the options on the command line; the others come from their variables. */
  readonly named: ReadonlySet<string>
  /** Whether the folder is a repository of somebody else, from which no program may run. */
  readonly isForeignFolder?: boolean
}

/**
 * Reads how a one-shot command signs; undefined if it does not.
 *
 * @throws {Fault} `FILE_UNREADABLE`, `KEY_*`; {@link UsageError} for options that exclude or lack each
 *   other, and for a signer that cannot be split into words
 */
export function readSigning(choices: SigningChoices, caller: SigningCaller): Signing | undefined {
  const { named, folder } = caller
  const signer = readProgramSigner(choices, caller)
  if (signer === undefined) {
    const where = named.has('key') ? '--key' : signingOptions.key.variable
    const key = readKeyFile(choices.key, where, folder)
    return key === undefined ? undefined : { kind: 'key', key }
  }
  return {
    kind: 'signer',
    signer: {
      keyId: signer.publicKey.id,
      sign: message => endingWithProcess(signal => signByProgram(signer, message, signal))
    }
  }
}

/** Reads how a service signs, which has its own handling of signals. @throws as {@link readSigning} */
export function readServiceSigning(
  choices: { readonly signer: string | undefined; readonly signerKey: string | undefined },
  caller: SigningCaller
): Signing | undefined {
  const given = { signer: choices.signer, 'signer-key': choices.signerKey }
  const signer = readProgramSigner(given, caller)
  if (signer === undefined) return undefined
  const sign = (message: Uint8Array, signal?: AbortSignal) => signByProgram(signer, message, signal)
  return { kind: 'signer', signer: { keyId: signer.publicKey.id, sign } }
}

function readProgramSigner(
  { key, signer, 'signer-key': publicKey }: SigningChoices,
  caller: SigningCaller
): ProgramSigner | undefined {
  const { named, folder, env, isForeignFolder = false } = caller
  const nameOf = (option: keyof typeof signerOptions) =>
    named.has(option) ? `--${option}` : signerOptions[option].variable
  if (signer === undefined) {
    if (publicKey === undefined) return undefined
    throw new UsageError(`${nameOf('signer-key')} is given without --signer`)
  }
  const where = nameOf('signer')
  if (key !== undefined && key !== '') {
    throw new UsageError(
      `${where} and ${named.has('key') ? '--key' : signingOptions.key.variable} exclude each other`
    )
  }
  if (publicKey === undefined) {
    throw new UsageError(`${where} needs --signer-key, the public key that it signs with`)
  }
  const keyName = nameOf('signer-key')
  return {
    where,
    program: { ...commandOf(signer, where, caller), env, folder: isForeignFolder ? '/' : folder },
    publicKey: readTrustedKey(readCallerText(path.resolve(folder, publicKey), keyName), keyName)
  }
}

function commandOf(
  text: string,
  where: string,
  { folder, isForeignFolder = false }: SigningCaller
): { readonly file: string; readonly args: readonly string[] } {
  const split = splitWords(text)
  if (split.kind === 'invalid') throw new UsageError(`${where} cannot be split: ${split.problem}`)
  const [file = '', ...args] = split.words
  if (file === '') throw new UsageError(`${where} names no program`)
  const isRelative = file.includes('/') && !path.isAbsolute(file)
  if (isRelative && isForeignFolder) {
    throw new UsageError(
      `${where} must name a program in PATH or by its absolute path: the current folder is the repository's`
    )
  }
  return { file: isRelative ? path.resolve(folder, file) : file, args }
}
