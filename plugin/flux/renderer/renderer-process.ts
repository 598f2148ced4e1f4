import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { UsageError } from '../../../common/command.ts'
import type { CommandResult } from '../../../common/command.ts'
import { isFault } from '../../../common/fault.ts'
import type { FaultDetails } from '../../../common/fault.ts'
import { readSigningKey } from '../../../evidence/attestation/key.ts'
import { endWithParent } from '../../../service/end-with-parent.ts'
import { buildArtifact } from '../artifact/artifact.ts'
import type { Artifact } from '../artifact/artifact.ts'
import { renderRelease } from '../release/render-release.ts'
import type { RenderInput } from '../release/render-release.ts'

/** A job that the parent sends to a renderer process. */
export interface RenderJob extends Omit<RenderInput, 'key'> {
  /** The signing key; a key object cannot be sent. */
  readonly keyPem: string | undefined
}

/** A message of a renderer process: `ready` once, then the result of each job. */
export type RendererMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'rendered'; readonly artifact: Artifact }
  | {
      readonly kind: 'fault'
      readonly code: string
      readonly message: string
      readonly details: FaultDetails
    }
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
  const { PATH = '', HOME = '/tmp' } = process.env
  return fork(import.meta.filename, [argument], {
    env: { PATH, HOME, TMPDIR: temporary },
    execArgv: [`--max-old-space-size=${heapMegabytes}`, `--max-semi-space-size=${youngMegabytes}`],
    serialization: 'advanced',
    stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
    detached: true
  })
}

/** Renders a job. Never throws: faults and bugs are messages. */
export async function answerJob({ keyPem, ...input }: RenderJob): Promise<RendererMessage> {
  try {
    const key = keyPem === undefined ? undefined : readSigningKey(keyPem, 'the signing key')
    const rendered = await renderRelease({ ...input, key })
    return { kind: 'rendered', artifact: buildArtifact(input.release.artifactName, rendered) }
  } catch (error) {
    if (!isFault(error)) {
      return { kind: 'bug', name: error instanceof Error ? error.name : 'unknown' }
    }
    const { code, message, details } = error
    return { kind: 'fault', code, message, details: { ...details, cause: undefined } }
  }
}

/**
 * Runs the command of {@link startRenderer}: renders one job after the other until its parent ends.
 *
 * @throws {UsageError} if no parent process started it
 */
export function rendererCommand(): Promise<CommandResult> {
  if (process.send === undefined) throw new UsageError('only mlgitops itself starts this command')
  endWithParent()
  process.on('message', job => {
    void answerJob(job as RenderJob).then(message => process.send?.(message))
  })
  process.send({ kind: 'ready' } satisfies RendererMessage)
  return new Promise(() => undefined)
}

// False in the bundle: there bin/run.ts calls the command.
if (import.meta.main) await rendererCommand()
