import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { Fault } from '../common/fault.ts'
import { generateKeyPair } from '../evidence/attestation/key.ts'
import type { CommandInput, CommandResult } from './render-command.ts'
import { UsageError } from './usage.ts'

/** What `mlgitops keygen --help` prints. */
export const keygenUsage = `Usage: mlgitops keygen --out-dir DIR

Makes an Ed25519 key pair: DIR/signing.key (PKCS#8, readable by you only) and DIR/signing.pub (SPKI),
and prints the key id. Files that are there are never overwritten.
`

/** `mlgitops keygen`. @throws {Fault} `KEY_EXISTS`, `FILE_UNWRITABLE`; {@link UsageError} */
export function keygenCommand({ args, folder }: CommandInput): CommandResult {
  const given = parse(args)
  if (given.help === true) return { stdout: keygenUsage, stderr: '', exitCode: 0 }
  const outDir = given['out-dir']
  if (outDir === undefined || outDir === '') throw new UsageError('--out-dir is needed')
  const pair = generateKeyPair()
  const into = path.resolve(folder, outDir)
  write(into, 'signing.key', pair.privatePem, 0o600)
  write(into, 'signing.pub', pair.publicPem, 0o644)
  return { stdout: `${pair.id}\n`, stderr: '', exitCode: 0 }
}

function parse(args: readonly string[]) {
  try {
    const options = { 'out-dir': { type: 'string' }, help: { type: 'boolean' } } as const
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.split('. ')[0] : undefined)
  }
}

function write(folder: string, name: string, text: string, mode: number): void {
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, name), text, { mode, flag: 'wx' })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    if (code === 'EEXIST') {
      const remedy = 'Choose another folder: a key is never overwritten.'
      throw new Fault('KEY_EXISTS', 'the file is there already', { where: name, remedy })
    }
    throw new Fault('FILE_UNWRITABLE', `the file cannot be written (${code})`, { where: name })
  }
}
