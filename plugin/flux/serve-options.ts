import { UsageError } from '../../common/command.ts'
import type { CommandInput } from '../../common/command.ts'
import { optionLines, readOptions } from '../../common/options.ts'
import type { Given } from '../../common/options.ts'
import { graceSecondsOption } from '../../service/serve-process.ts'

/** The options of `mlgitops serve flux`. */
export const serveFluxOptions = {
  advertise: {
    argument: 'URL',
    variable: 'MLGITOPS_FLUX_ADVERTISE',
    unit: 'URL',
    description: 'where consumers reach the artifacts, such as the URL of the Service'
  },
  listen: {
    argument: 'HOST:PORT',
    default: ':9790',
    unit: 'address',
    description: 'where artifacts are served over HTTP'
  },
  'metrics-listen': {
    argument: 'HOST:PORT',
    default: ':8080',
    unit: 'address',
    description: '/metrics over HTTP'
  },
  storage: {
    argument: 'DIR',
    default: '/tmp/mlgitops-flux',
    unit: 'folder',
    description: 'where artifacts are kept; it may be empty at every start'
  },
  'watch-namespaces': {
    argument: 'A,B',
    unit: 'names',
    description: 'follow ModelReleases and sources of these namespaces only'
  },
  'watch-configs-label-selector': {
    argument: 'SELECTOR',
    unit: 'labels',
    description:
      'look at once when a ConfigMap or Secret with these labels changes, such as reconcile.fluxcd.io/watch=Enabled'
  },
  'cross-namespace-sources': {
    unit: 'switch',
    description: 'a ModelRelease may name a source of another namespace'
  },
  concurrency: {
    argument: 'N',
    default: '4',
    unit: 'number',
    description: 'how many releases are worked on at a time, 1 to 64'
  },
  'events-addr': {
    argument: 'URL',
    unit: 'URL',
    description: "the address of Flux's notification-controller, which is told what happens"
  },
  'leader-lease': {
    argument: 'NAMESPACE/NAME',
    unit: 'name',
    description: 'several replicas: the one that holds this Lease works and is ready'
  },
  kubeconfig: {
    argument: 'FILE',
    unit: 'file',
    description: 'use the cluster of its current context instead of the in-cluster configuration'
  },
  'grace-seconds': graceSecondsOption
} as const

/** What `mlgitops serve flux --help` prints. */
export const serveFluxUsage = (): string => `Usage: mlgitops serve flux --advertise URL [options]

Renders every ModelRelease from its source of Flux and publishes the result as an ExternalArtifact, which
kustomize-controller applies (docs/flux.md).

${optionLines(serveFluxOptions)}
/healthz and /readyz answer on both addresses. SIGTERM drains and exits 0.
`

/** A command line that can be followed. */
export interface ServeFluxChoices {
  /** Without a slash at its end. */
  readonly baseUrl: string
  readonly listen: string
  readonly metricsListen: string
  readonly storage: string
  readonly namespaces: readonly string[] | undefined
  readonly configSelector: string | undefined
  readonly allowsCrossNamespace: boolean
  readonly concurrency: number
  readonly eventsAddress: string | undefined
  readonly lease: { readonly namespace: string; readonly name: string } | undefined
  readonly kubeconfig: string | undefined
  readonly graceMs: number
}

/**
 * The choices of a command line, undefined where help is asked for.
 *
 * @throws {UsageError} with every problem
 */
export function readServeFluxOptions(
  source: Pick<CommandInput, 'args' | 'env'>
): ServeFluxChoices | undefined {
  const { given, isHelp, positionals } = readOptions(serveFluxOptions, source)
  if (isHelp) return undefined
  const problems = [
    ...(positionals.length > 0 ? ['serve flux takes options only'] : []),
    ...Object.entries(forms).flatMap(([name, { isFine, problem }]) => {
      const text = given[name as keyof typeof forms]
      return text === undefined || isFine(text) ? [] : [`--${name} ${problem}`]
    }),
    ...(given.advertise === undefined ? ['--advertise is needed: an http(s) URL'] : [])
  ]
  if (problems.length > 0) throw new UsageError(problems.join('; '))
  return choicesOf(given)
}

function choicesOf(given: Given<typeof serveFluxOptions>): ServeFluxChoices {
  const names = given['watch-namespaces']?.split(',')
  const [namespace = '', name = ''] = given['leader-lease']?.split('/') ?? []
  return {
    baseUrl: (given.advertise ?? '').replace(/\/+$/, ''),
    listen: given.listen,
    metricsListen: given['metrics-listen'],
    storage: given.storage,
    namespaces: names === undefined ? undefined : [...new Set(names)],
    configSelector: given['watch-configs-label-selector'],
    allowsCrossNamespace: given['cross-namespace-sources'],
    concurrency: Number(given.concurrency),
    eventsAddress: given['events-addr'],
    lease: namespace === '' ? undefined : { namespace, name },
    kubeconfig: given.kubeconfig,
    graceMs: Number(given['grace-seconds']) * 1_000
  }
}

function isHttp(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '')
}

const isName = (text: string) => /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text)

/** What options have to look like, and how it is said. */
const forms = {
  advertise: { isFine: isHttp, problem: 'is an http(s) URL' },
  'events-addr': { isFine: isHttp, problem: 'is an http(s) URL' },
  concurrency: {
    isFine: (text: string) => /^[1-9]\d?$/.test(text) && Number(text) <= 64,
    problem: 'is a number from 1 to 64'
  },
  'grace-seconds': {
    isFine: (text: string) => /^\d{1,3}$/.test(text),
    problem: 'is a whole number of seconds, at most 999'
  },
  'leader-lease': {
    isFine: (text: string) => text.split('/').length === 2 && text.split('/').every(isName),
    problem: 'is NAMESPACE/NAME'
  },
  'watch-namespaces': {
    isFine: (text: string) => text.split(',').every(isName),
    problem: 'is names of namespaces, joined by commas'
  }
}
