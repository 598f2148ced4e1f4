import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'

/** Builds a kustomization from files by tree path; resolves to the YAML that kustomize prints. */
export type KustomizeBuild = (
  files: ReadonlyMap<string, string | Buffer>,
  folder: string
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
 * @throws {Fault} `KUSTOMIZE_MISSING`, `KUSTOMIZE_FAILED`
 */
export function kustomizeIn(workFolder?: string): KustomizeBuild {
  return async (files, folder) => {
    const copy = mkdtempSync(path.join(workFolder ?? tmpdir(), '.mlgitops-'))
    try {
      for (const [file, content] of files) {
        mkdirSync(path.dirname(path.join(copy, file)), { recursive: true })
        writeFileSync(path.join(copy, file), content)
      }
      return await build(copy, folder)
    } finally {
      rmSync(copy, { recursive: true, force: true })
    }
  }
}

async function build(copy: string, folder: string): Promise<string> {
  for (const [command, verb] of commands) {
    const output = await run(command, [verb, path.join(copy, folder)], copy)
    if (output !== undefined) return output
  }
  throw new Fault('KUSTOMIZE_MISSING', 'neither kustomize nor kubectl was found', {
    remedy: 'Install kustomize: the application path has a kustomization.'
  })
}

function run(command: string, args: readonly string[], copy: string): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
  const { PATH = '', HOME = '/tmp' } = process.env
  const options = { cwd: copy, env: { PATH, HOME }, timeout: timeoutMs, maxBuffer: maxOutputBytes }
  execFile(command, args, options, (error, stdout, stderr) => {
    if (error === null) resolve(stdout)
    else if (error.code === 'ENOENT') resolve(undefined)
    else {
      const found = stderr.trim().split('\n')[0] ?? ''
      reject(
        new Fault('KUSTOMIZE_FAILED', 'kustomize build failed', {
          found: found.replaceAll(`${copy}/`, '').replaceAll(copy, '.').slice(0, 600)
        })
      )
    }
  })
  return promise
}
