import { execFile } from 'node:child_process'
import type { ExecFileException } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { stringifyJson } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { guarded } from '../system-fault.ts'
import { withWorkFolder, writeCopy } from '../work-copy.ts'

/** One call of `helm template`. */
export interface HelmRequest {
  /** The files of the chart, by their path in it. */
  readonly files: ReadonlyMap<string, Buffer>
  readonly values: JsonObject
  readonly releaseName: string
  /** Further options, such as `--namespace ml`. */
  readonly options: readonly string[]
}

/** Helm's output, or its error. */
export type HelmResult =
  | { readonly kind: 'rendered'; readonly yaml: string; readonly stderr: string }
  /** Helm refused the chart or its values. The text has no path of this machine. */
  | { readonly kind: 'refused'; readonly stderr: string }

/** Runs `helm template`. */
export type HelmTemplate = (request: HelmRequest) => Promise<HelmResult>

type Take = (error: ExecFileException | null, stdout: string, stderr: string) => void

/** Nothing listens there: what Helm would fetch in spite of everything is not reached. */
const noProxy = 'http://127.0.0.1:1'
const timeoutMs = 60_000
const tooMuchOutput = 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'
const maxOutputBytes = 64 * 1024 * 1024
/** Limits of one run, so that a chart that allocates without end does not exhaust the machine. */
const maxCpuSeconds = 60
const maxMemoryKib = 4 * 1024 * 1024
const outOfMemory = /^(?:runtime: out of memory|fatal error: (?:runtime: )?out of memory)/m
const limited = 'ulimit -t "$1" && ulimit -v "$2" && shift 2 && exec "$@"'

/**
 * Runs `helm template` on a copy of a chart, with separate folders for configuration, plugins and cache:
 * Helm finds no repository, plugin or cluster, and `helm template` does not download dependencies.
 *
 * @param workFolder the folder for the copy: under Argo CD the one that cmp-server removes even after it
 *   kills this process; by default the system's temporary folder
 * @throws {Fault} `HELM_MISSING`, `HELM_LIMIT`, `FILE_UNREADABLE`
 */
export function helmIn(workFolder?: string): HelmTemplate {
  return request => withWorkFolder(workFolder, work => template(work, request))
}

function template(work: string, request: HelmRequest): Promise<HelmResult> {
  const chart = path.join(work, 'chart')
  writeCopy(chart, request.files, file => file)
  const values = path.join(work, 'values.json')
  guarded(
    'the values of the chart',
    () => {
      writeFileSync(values, stringifyJson(request.values), { mode: 0o600 })
    },
    'cannot be written'
  )
  const { releaseName, options } = request
  return run(work, ['template', releaseName, chart, '--values', values, ...options])
}

function run(work: string, args: readonly string[]): Promise<HelmResult> {
  const { promise, resolve, reject } = Promise.withResolvers<HelmResult>()
  const options = {
    cwd: work,
    env: environment(work),
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: maxOutputBytes
  } as const
  const limits = [String(maxCpuSeconds), String(maxMemoryKib)]
  const take: Take = (error, out, err) => {
    const stderr = err.replaceAll(`${work}/`, '').replaceAll(work, '.')
    if (error === null) resolve({ kind: 'rendered', yaml: out, stderr })
    else if (error.code === 127 || error.code === 'ENOENT') reject(missing())
    else if (isBeyondLimit(error)) reject(beyondLimit(error))
    else if (outOfMemory.test(stderr)) reject(limitFault('more memory than the limit'))
    else resolve({ kind: 'refused', stderr })
  }
  const command = ['-c', limited, 'sh', ...limits, 'helm', ...args]
  guarded('helm', () => execFile('sh', command, options, take), 'cannot be started')
  return promise
}

function environment(work: string): Record<string, string> {
  const { PATH = '' } = process.env
  const home = path.join(work, 'home')
  return {
    PATH,
    HOME: home,
    HELM_CACHE_HOME: path.join(home, 'cache'),
    HELM_CONFIG_HOME: path.join(home, 'config'),
    HELM_DATA_HOME: path.join(home, 'data'),
    KUBECONFIG: path.join(home, 'none'),
    ...{ HTTP_PROXY: noProxy, HTTPS_PROXY: noProxy }
  }
}

/** A helm that has ended before it could be killed for its output is not `killed`. */
function isBeyondLimit({ killed, signal, code }: ExecFileException): boolean {
  return killed === true || signal != null || code === tooMuchOutput
}

function missing(): Fault {
  return new Fault('HELM_MISSING', 'helm was not found', {
    remedy: 'Install helm 3 or 4: the application path renders a Helm chart.'
  })
}

function beyondLimit({ code }: { readonly code?: string | number | null | undefined }): Fault {
  return limitFault(
    code === tooMuchOutput
      ? `more than ${maxOutputBytes} bytes of output`
      : `more than ${timeoutMs / 1_000} seconds`
  )
}

function limitFault(found: string): Fault {
  return new Fault('HELM_LIMIT', 'helm was stopped', {
    found,
    remedy: 'Split the chart, and check its templates for an endless loop.'
  })
}
