import { UsageError } from '../../common/command.ts'
import type { CommandInput } from '../../common/command.ts'
import { optionLines, readOptions } from '../../common/options.ts'
import type { Given } from '../../common/options.ts'
import { requireSignatureOption, signerOptions } from '../signer/signing-options.ts'
import { graceSecondsOption } from '../../service/serve-process.ts'

/** The options of `mlgitops serve flux`. */
export const serveFluxOptions = {
  advertise: {
    argument: 'URL',
    variable: 'MLGITOPS_FLUX_ADVERTISE',
    unit: 'URL',
    description: 'URL at which consumers reach the artifacts, such as that of the Service'
  },
  listen: {
    argument: 'HOST:PORT',
    default: ':9790',
    unit: 'address',
    description: 'HTTP address of the artifacts'
  },
  'metrics-listen': {
    argument: 'HOST:PORT',
    default: ':8080',
    unit: 'address',
    description: 'HTTP address of /metrics'
  },
  storage: {
    argument: 'DIR',
    default: '/tmp/mlgitops-flux',
    unit: 'folder',
    description: 'folder for artifacts; may be empty at every start'
  },
  'watch-namespaces': {
    argument: 'A,B',
    unit: 'names',
    description: 'watch ModelReleases and sources of these namespaces only'
  },
  'watch-configs-label-selector': {
    argument: 'SELECTOR',
    unit: 'labels',
    description:
      'reconcile at once when a ConfigMap or Secret with these labels changes, such as reconcile.fluxcd.io/watch=Enabled'
  },
  'cross-namespace-sources': {
    unit: 'switch',
    description: 'allow a ModelRelease to name a source in another namespace'
  },
  ...signerOptions,
  ...requireSignatureOption,
  concurrency: {
    argument: 'N',
    default: '4',
    unit: 'number',
    description: 'how many releases are reconciled at a time, 1 to 64'
  },
  'events-addr': {
    argument: 'URL',
    unit: 'URL',
    description: "URL of Flux's notification-controller, which receives events"
  },
  'leader-lease': {
    argument: 'NAMESPACE/NAME',
    unit: 'name',
    description: 'for several replicas: only the one that holds this Lease works and is ready'
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

Renders each ModelRelease from its Flux source and publishes the result as an ExternalArtifact, which
kustomize-controller applies (docs/flux.md).

${optionLines(serveFluxOptions)}
/healthz and /readyz answer on both addresses. SIGTERM drains and exits 0.
`

/** The options of a valid command line. */
export interface ServeFluxChoices {
  /** Without a trailing slash. */
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
  readonly signer: string | undefined
  readonly signerKey: string | undefined
  readonly isSignatureRequired: boolean
  /** Names of the options that were given on the command line itself. */
  readonly named: ReadonlySet<string>
  readonly graceMs: number
}

/**
 * Reads the options of a command line; undefined if help is requested.
 *
 * @throws {UsageError} with every problem
 */
export function readServeFluxOptions(
  source: Pick<CommandInput, 'args' | 'env'>
): ServeFluxChoices | undefined {
  const { given, isHelp, positionals, named } = readOptions(serveFluxOptions, source)
  if (isHelp) return undefined
  const problems = [
    ...(positionals.length > 0 ? ['serve flux takes options only'] : []),
    ...Object.entries(forms).flatMap(([name, { isValid, problem }]) => {
      const text = given[name as keyof typeof forms]
      return text === undefined || isValid(text) ? [] : [`--${name} ${problem}`]
    }),
    ...(given.advertise === undefined ? ['--advertise is required: an http(s) URL'] : [])
  ]
  if (problems.length > 0) throw new UsageError(problems.join('; '))
  return choicesOf(given, named)
}

function choicesOf(
  given: Given<typeof serveFluxOptions>,
  named: ReadonlySet<string>
): ServeFluxChoices {
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
    signer: given.signer,
    signerKey: given['signer-key'],
    isSignatureRequired: given['require-signature'],
    named,
    graceMs: Number(given['grace-seconds']) * 1_000
  }
}

function isHttp(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '')
}

const isName = (text: string) => /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text)

/** The valid forms of options, and the problem of an invalid one. */
const forms = {
  advertise: { isValid: isHttp, problem: 'must be an http(s) URL' },
  'events-addr': { isValid: isHttp, problem: 'must be an http(s) URL' },
  concurrency: {
    isValid: (text: string) => /^[1-9]\d?$/.test(text) && Number(text) <= 64,
    problem: 'must be a number from 1 to 64'
  },
  'grace-seconds': {
    isValid: (text: string) => /^\d{1,3}$/.test(text),
    problem: 'must be a whole number of seconds, at most 999'
  },
  'leader-lease': {
    isValid: (text: string) => text.split('/').length === 2 && text.split('/').every(isName),
    problem: 'must be NAMESPACE/NAME'
  },
  'watch-namespaces': {
    isValid: (text: string) => text.split(',').every(isName),
    problem: 'must be names of namespaces, separated by commas'
  }
}
