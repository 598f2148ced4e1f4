import path from 'node:path'
import { bound, Fault } from '../../common/fault.ts'
import type { FaultDetails } from '../../common/fault.ts'
import type { Key } from '../../evidence/attestation/key.ts'
import type { KeyType } from '../../evidence/attestation/key-type.ts'
import { redact } from '../values/redact.ts'
import { runProgram } from './run-program.ts'
import type { Program, ProgramLimits, ProgramResult } from './run-program.ts'
import { readSignatureText, verifiedSignature } from './signature-text.ts'

/** A signer that is a program, its public key, and where both were given. */
export interface ProgramSigner {
  readonly program: Program
  readonly publicKey: Key
  /** The option or variable, for messages. */
  readonly where: string
  readonly limits?: ProgramLimits
}

const defaultLimits: ProgramLimits = { timeoutMs: 30_000, maxOutputBytes: 16 * 1024 }

/**
 * Signs a message by a program: the message is its stdin, the signature in base64 its stdout. The
 * signature is verified with the public key.
 *
 * @throws {Fault} `SIGNER_MISSING` if the program cannot be started; `SIGNER_FAILED` for another exit code
 *   than 0; `SIGNER_LIMIT` after 30 seconds or 16 KiB of output; `SIGNER_OUTPUT` if it printed anything
 *   else than base64; `SIGNER_KEY` if the signature is not one of the public key
 */
export async function signByProgram(
  signer: ProgramSigner,
  message: Uint8Array,
  signal?: AbortSignal
): Promise<Buffer> {
  const { limits = defaultLimits, publicKey } = signer
  const result = await runProgram(signer.program, message, limits, signal)
  if (result.kind !== 'exited') throw failure(signer, result, limits)
  const signature = readSignatureText(result.stdout)
  if (signature === undefined) {
    throw fault(signer, 'SIGNER_OUTPUT', 'the signer did not print a signature', {
      found: withStderr(signer, `${result.stdout.length} bytes that are not base64`, result.stderr),
      expected: 'the signature in base64 on stdout, and nothing else'
    })
  }
  const verified = verifiedSignature(publicKey, Buffer.from(message), signature)
  if (verified !== undefined) return verified
  throw fault(signer, 'SIGNER_KEY', 'the signature does not verify with --signer-key', {
    found: `${signature.length} bytes`,
    expected: expectedSignature[publicKey.type],
    remedy: `Check that the signer uses the key of --signer-key, whose ID is ${publicKey.id}.`
  })
}

const expectedSignature: Readonly<Record<KeyType, string>> = {
  Ed25519: 'an Ed25519 signature of stdin itself, not of its hash',
  'ECDSA P-256': 'an ECDSA P-256 signature of stdin with SHA-256, in DER or as r and s',
  'ECDSA P-384': 'an ECDSA P-384 signature of stdin with SHA-384, in DER or as r and s',
  'RSA-PSS': 'an RSASSA-PSS signature of stdin with SHA-256 and MGF1 with SHA-256, not PKCS #1 v1.5'
}

function failure(
  signer: ProgramSigner,
  result: Exclude<ProgramResult, { kind: 'exited' }>,
  { timeoutMs, maxOutputBytes }: ProgramLimits
): Fault {
  switch (result.kind) {
    case 'not-started':
      return fault(signer, 'SIGNER_MISSING', 'the signer cannot be started', {
        found: `${nameOf(signer)}: ${result.code}`,
        expected: 'an executable program in PATH, or its path'
      })
    case 'failed':
      return fault(signer, 'SIGNER_FAILED', 'the signer failed', {
        found: withStderr(signer, result.how, result.stderr)
      })
    case 'timeout':
      return fault(signer, 'SIGNER_LIMIT', 'the signer was stopped', {
        found: withStderr(signer, `more than ${timeoutMs / 1_000} seconds`, result.stderr)
      })
    case 'too-much-output':
      return fault(signer, 'SIGNER_LIMIT', 'the signer was stopped', {
        found: `${nameOf(signer)}: more than ${maxOutputBytes} bytes of output`
      })
    case 'aborted':
      return fault(signer, 'SIGNER_FAILED', 'the signer was stopped with the render', {})
  }
}

function fault(
  { where }: ProgramSigner,
  code: string,
  message: string,
  details: FaultDetails
): Fault {
  return new Fault(code, message, { where, ...details })
}

/** Without its folder and arguments, which can be secret. */
function nameOf({ program }: ProgramSigner): string {
  return bound(path.basename(program.file), 80)
}

/** The program's own words, without the secrets of the environment that it was given. */
function withStderr(signer: ProgramSigner, what: string, stderr: string): string {
  const said = redact(stderr, secretsOf(signer.program)).replace(userInfo, '//***@')
  return `${nameOf(signer)}: ${what}${said === '' ? '' : `; stderr: ${bound(said, 1_000)}`}`
}

function secretsOf({ env, args }: Program): string[] {
  const values = Object.entries(env).flatMap(([name, value]) =>
    secretName.test(name) && !fileName.test(name) && value !== undefined ? [value] : []
  )
  const inArgs = Array.from(args.join(' ').matchAll(secretArgument), ([, value = '']) => value)
  return [...values, ...inArgs]
}

/** User and password of a URL, such as that of a proxy. */
const userInfo = /\/\/[^/\s@]+@/g
const secretName = /TOKEN|SECRET|PASS|PIN|KEY|CREDENTIAL|AUTH/i
const fileName = /(?:FILE|PATH|DIR|URL)$/i
/** Such as `--pin 1234`, `pin-value=1234` and `pass:1234`. */
const secretArgument = /(?:token|secret|pass|pin)[a-z-]*[=: ]([^\s&;]+)/gi
