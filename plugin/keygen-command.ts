import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { UsageError } from '../common/command.ts'
import type { CommandInput, CommandResult } from '../common/command.ts'
import { Fault } from '../common/fault.ts'
import { optionLines, readOptions } from '../common/options.ts'
import { generateKeyPair, keyEndLine, readUtcTime } from '../evidence/attestation/key.ts'
import { keygenOptions } from './render-options.ts'

/** What `mlgitops keygen --help` prints. */
export const keygenUsage = (): string => `Usage: mlgitops keygen --out-dir DIR [--not-after TIME]

Creates an Ed25519 key pair: DIR/signing.key (PKCS#8, readable by you only) and DIR/signing.pub (SPKI),
and prints the key id. Existing files are never overwritten.

${optionLines(keygenOptions)}`

/** `mlgitops keygen`. @throws {Fault} `KEY_EXISTS`, `FILE_UNWRITABLE`; {@link UsageError} */
export function keygenCommand({ args, folder }: CommandInput): CommandResult {
  const { given, isHelp, positionals } = readOptions(keygenOptions, { args })
  if (isHelp) return { stdout: keygenUsage(), stderr: '', exitCode: 0 }
  const outDir = given['out-dir']
  if (positionals.length > 0) throw new UsageError('keygen takes options only')
  if (outDir === undefined || outDir === '') throw new UsageError('--out-dir is required')
  const end = readEnd(given['not-after'])
  const pair = generateKeyPair()
  const into = path.resolve(folder, outDir)
  write(into, 'signing.key', pair.privatePem, 0o600)
  write(into, 'signing.pub', `${end}${pair.publicPem}`, 0o644)
  return { stdout: `${pair.id}\n`, stderr: '', exitCode: 0 }
}

function readEnd(text: string | undefined): string {
  if (text === undefined) return ''
  const notAfter = readUtcTime(text)
  if (notAfter !== undefined) return keyEndLine(notAfter)
  throw new UsageError(`--not-after is "${text}", expected a time such as 2027-01-31T00:00:00Z`)
}

function write(folder: string, name: string, text: string, mode: number): void {
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, name), text, { mode, flag: 'wx' })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    if (code === 'EEXIST') {
      const remedy = 'Choose another folder: a key is never overwritten.'
      throw new Fault('KEY_EXISTS', 'the file already exists', { where: name, remedy })
    }
    throw new Fault('FILE_UNWRITABLE', `cannot write the file (${code})`, { where: name })
  }
}
