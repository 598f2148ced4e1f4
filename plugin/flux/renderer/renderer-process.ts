import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { UsageError } from '../../../common/command.ts'
import type { CommandResult } from '../../../common/command.ts'
import { Fault, isFault } from '../../../common/fault.ts'
import type { FaultDetails } from '../../../common/fault.ts'
import { readSigningKey } from '../../../evidence/attestation/key.ts'
import type { Signing } from '../../../evidence/attestation/signing.ts'
import { endWithParent } from '../../../service/end-with-parent.ts'
import { buildArtifact } from '../artifact/artifact.ts'
import type { Artifact } from '../artifact/artifact.ts'
import { renderRelease } from '../release/render-release.ts'
import type { RenderInput } from '../release/render-release.ts'

/** A job that the parent sends to a renderer process. */
export interface RenderJob extends Omit<RenderInput, 'signing'> {
  readonly signing: JobSigning | undefined
}

/** How a job is signed. A key object cannot be sent; a signer runs in the parent, with its environment. */
export type JobSigning =
  | { readonly kind: 'key'; readonly pem: string }
  | { readonly kind: 'parent'; readonly keyId: string }

/** A fault as data. */
export interface FaultMessage {
  readonly kind: 'fault'
  readonly code: string
  readonly message: string
  readonly details: FaultDetails
}

/** The parent's answer to `sign`. */
export type SignAnswer = { readonly kind: 'signature'; readonly bytes: Uint8Array } | FaultMessage

/** A message of a renderer process: `ready` once, then `sign` at most once and the result of each job. */
export type RendererMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'sign'; readonly bytes: Uint8Array }
  | { readonly kind: 'rendered'; readonly artifact: Artifact }
  | FaultMessage
  /** A bug, with the name of the thrown error. */
  | { readonly kind: 'bug'; readonly name: string }

const heapMegabytes = 256
/** With Node's default of 16, renders of a few kilobytes would fill all of it. */
const youngMegabytes = 2
const argument = 'flux-renderer'

/**
 * Starts a renderer process in its own process group, which includes the kustomize that it may run.
 *
 * @param temporary the folder for its temporary files
 */
export function startRenderer(temporary: string): ChildProcess {
  const { PATH = '', HOME = '/tmp', NODE_COMPILE_CACHE } = process.env
  return fork(import.meta.filename, [argument], {
    env: { PATH, HOME, TMPDIR: temporary, NODE_COMPILE_CACHE },
    execArgv: [`--max-old-space-size=${heapMegabytes}`, `--max-semi-space-size=${youngMegabytes}`],
    serialization: 'advanced',
    stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
    detached: true
  })
}

/**
 * Renders a job. Never throws: faults and bugs are messages.
 *
 * @param askParent sends bytes to the parent, which signs them
 */
export async function answerJob(
  { signing, ...input }: RenderJob,
  askParent: (bytes: Uint8Array) => Promise<SignAnswer>
): Promise<RendererMessage> {
  try {
    const rendered = await renderRelease({ ...input, signing: signingOf(signing, askParent) })
    return { kind: 'rendered', artifact: buildArtifact(input.release.artifactName, rendered) }
  } catch (error) {
    if (!isFault(error)) {
      return { kind: 'bug', name: error instanceof Error ? error.name : 'unknown' }
    }
    return faultMessage(error)
  }
}

/** A fault as it can be sent to another process. */
export function faultMessage({ code, message, details }: Fault): FaultMessage {
  return { kind: 'fault', code, message, details: { ...details, cause: undefined } }
}

function signingOf(
  signing: JobSigning | undefined,
  askParent: (bytes: Uint8Array) => Promise<SignAnswer>
): Signing | undefined {
  if (signing === undefined) return undefined
  if (signing.kind === 'key') {
    return { kind: 'key', key: readSigningKey(signing.pem, 'the signing key') }
  }
  const sign = async (bytes: Uint8Array) => {
    const answer = await askParent(bytes)
    if (answer.kind === 'signature') return answer.bytes
    throw new Fault(answer.code, answer.message, answer.details)
  }
  return { kind: 'signer', signer: { keyId: signing.keyId, sign } }
}

/**
 * Runs the command of {@link startRenderer}: renders one job after the other until its parent ends.
 *
 * @throws {UsageError} if no parent process started it
 */
export function rendererCommand(): Promise<CommandResult> {
  if (process.send === undefined) throw new UsageError('only mlgitops itself starts this command')
  endWithParent()
  let answerSign: ((answer: SignAnswer) => void) | undefined
  const askParent = (bytes: Uint8Array) => {
    const { promise, resolve } = Promise.withResolvers<SignAnswer>()
    answerSign = resolve
    process.send?.({ kind: 'sign', bytes } satisfies RendererMessage)
    return promise
  }
  process.on('message', (message: RenderJob | SignAnswer) => {
    if ('kind' in message) answerSign?.(message)
    else void answerJob(message, askParent).then(answer => process.send?.(answer))
  })
  process.send({ kind: 'ready' } satisfies RendererMessage)
  return new Promise(() => undefined)
}

// False in the bundle: there bin/run.ts calls the command.
if (import.meta.main) await rendererCommand()
