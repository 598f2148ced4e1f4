import { execFile } from 'node:child_process'
import type { ExecFileException } from 'node:child_process'
import { realpathSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { guarded } from '../system-fault.ts'
import { withWorkFolder, writeCopy } from '../work-copy.ts'
import { kustomizeReason } from './reason.ts'

/**
 * Builds a kustomization from files by tree path; resolves to the YAML that kustomize prints.
 *
 * @param nameOf turns a tree path into the name that messages use
 */
export type KustomizeBuild = (
  files: ReadonlyMap<string, string | Buffer>,
  folder: string,
  nameOf: (treePath: string) => string
) => Promise<string>

const timeoutMs = 120_000
const maxOutputBytes = 128 * 1024 * 1024
const commands = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize']
] as const

/**
 * Runs `kustomize build`, or `kubectl kustomize` if kustomize is not installed, on a copy of the files.
 *
 * @param workFolder the folder for the copy: under Argo CD the one that cmp-server removes even after
 *   it kills this process; by default the system's temporary folder
 * @throws {Fault} `KUSTOMIZE_MISSING`, `KUSTOMIZE_FAILED` with the whole reason, `FILE_UNREADABLE`
 */
export function kustomizeIn(workFolder?: string): KustomizeBuild {
  return (files, folder, nameOf) =>
    withWorkFolder(workFolder, async given => {
      const copy = realpathSync(given)
      writeCopy(copy, files, nameOf)
      for (const [command, verb] of commands) {
        const result = await run(command, [verb, path.join(copy, folder)], copy)
        if (result.kind === 'built') return result.yaml
        if (result.kind === 'refused') {
          throw new Fault('KUSTOMIZE_FAILED', 'kustomize build failed', {
            where: nameOf(folder),
            found: kustomizeReason(result.stderr, copy, nameOf)
          })
        }
      }
      throw new Fault('KUSTOMIZE_MISSING', 'neither kustomize nor kubectl was found', {
        remedy: 'Install kustomize: the application path has a kustomization.'
      })
    })
}

type Take = (error: ExecFileException | null, stdout: string, stderr: string) => void

type BuildResult =
  | { readonly kind: 'built'; readonly yaml: string }
  | { readonly kind: 'refused'; readonly stderr: string }
  | { readonly kind: 'missing' }

function run(command: string, args: readonly string[], copy: string): Promise<BuildResult> {
  const { promise, resolve } = Promise.withResolvers<BuildResult>()
  const { PATH = '', HOME = '/tmp' } = process.env
  const options = { cwd: copy, env: { PATH, HOME }, timeout: timeoutMs, maxBuffer: maxOutputBytes }
  const take: Take = (error, stdout, stderr) => {
    if (error === null) resolve({ kind: 'built', yaml: stdout })
    else if (error.code === 'ENOENT') resolve({ kind: 'missing' })
    else if (typeof error.code === 'number') resolve({ kind: 'refused', stderr })
    else resolve({ kind: 'refused', stderr: stoppedBy(error) })
  }
  guarded(command, () => execFile(command, args, options, take), 'cannot be started')
  return promise
}

function stoppedBy(error: { readonly code?: string | number | null | undefined }): string {
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return `more than ${maxOutputBytes} bytes of output`
  return typeof error.code === 'string'
    ? `it could not be started (${error.code})`
    : `it did not finish within ${timeoutMs / 1_000} seconds`
}
