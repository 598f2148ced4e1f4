import { UsageError } from '../common/command.ts'
import { optionLines, readOptions } from '../common/options.ts'
import type { Given } from '../common/options.ts'
import { graceSecondsOption, readGraceMs } from '../service/serve-process.ts'

/** The options of `mlgitops serve webhook`. */
export const serveWebhookOptions = {
  listen: {
    argument: 'HOST:PORT',
    default: ':8443',
    unit: 'address',
    description: 'where it answers over HTTPS; port 0 is any free one'
  },
  'metrics-listen': {
    argument: 'HOST:PORT',
    default: ':9443',
    unit: 'address',
    description: '/metrics over HTTP'
  },
  keys: {
    argument: 'FILE|DIR',
    isRepeated: true,
    unit: 'file or folder',
    description: 'a public key that is trusted (mlgitops keygen), or a folder of *.pub'
  },
  controller: {
    argument: 'USER',
    isRepeated: true,
    unit: 'name',
    description: 'a further controller whose children are not judged'
  },
  policies: {
    argument: 'DIR',
    unit: 'folder',
    description:
      "files of ModelPolicies and PolicyExceptions, in place of the cluster's; sub-folders are sets"
  },
  'exception-namespace': {
    argument: 'NS',
    isRepeated: true,
    unit: 'name',
    description: 'exceptions of this namespace count'
  },
  kubeconfig: {
    argument: 'FILE',
    unit: 'file',
    description: 'the cluster of its current context, in place of the one around the pod'
  },
  'tls-cert': {
    argument: 'FILE',
    unit: 'file',
    description: 'a certificate chain, PEM; replaced files are served at once'
  },
  'tls-key': { argument: 'FILE', unit: 'file', description: 'its key, PEM' },
  'tls-secret': {
    argument: 'NAMESPACE/NAME',
    unit: 'name',
    description: 'in their place: the Secret that keeps the own authority which the replicas share'
  },
  'tls-name': {
    argument: 'NAME',
    isRepeated: true,
    unit: 'name',
    description: "a name of the own authority's certificate, such as mlgitops-webhook.NAMESPACE.svc"
  },
  'webhook-configuration': {
    argument: 'NAME',
    unit: 'name',
    description:
      'the ValidatingWebhookConfiguration whose caBundle the own authority is written into'
  },
  'grace-seconds': graceSecondsOption
} as const

/** What `mlgitops serve webhook --help` prints. */
export const serveUsage = `Usage: mlgitops serve webhook [options]

Answers the API server's AdmissionReviews over HTTPS: POST /validate, and POST /validate/NAME for the
policies of the set NAME. Changed policies are taken over while it runs. It needs --tls-cert and --tls-key,
or --tls-secret and --tls-name.

${optionLines(serveWebhookOptions)}
/healthz and /readyz answer on both addresses. SIGTERM drains and exits 0.
`

/** Where the certificate comes from. */
export type CertificateChoice =
  | { readonly kind: 'files'; readonly certificate: string; readonly key: string }
  | {
      readonly kind: 'own'
      readonly secret: { readonly namespace: string; readonly name: string }
      readonly names: readonly string[]
      readonly configuration: string | undefined
    }

/** A command line that can be followed. */
export interface ServeChoices {
  readonly listen: string
  readonly metricsListen: string
  /** Undefined: the cluster's. */
  readonly policies: string | undefined
  readonly kubeconfig: string | undefined
  readonly exceptionNamespaces: readonly string[]
  readonly certificates: CertificateChoice
  readonly keys: readonly string[]
  readonly controllers: readonly string[]
  readonly graceMs: number
}

/**
 * The choices of a command line, undefined where help is asked for.
 *
 * @throws {UsageError}
 */
export function readServeOptions(args: readonly string[]): ServeChoices | undefined {
  const { given, isHelp, positionals } = readOptions(serveWebhookOptions, { args })
  if (isHelp) return undefined
  if (positionals.length > 0) throw new UsageError('serve webhook takes options only')
  const certificates = certificateChoice(given)
  const { policies, kubeconfig } = given
  if (kubeconfig !== undefined && policies !== undefined && certificates.kind === 'files') {
    throw new UsageError('nothing is asked of the cluster that --kubeconfig names')
  }
  return {
    listen: given.listen,
    metricsListen: given['metrics-listen'],
    policies,
    kubeconfig,
    exceptionNamespaces: given['exception-namespace'],
    certificates,
    keys: given.keys,
    controllers: given.controller,
    graceMs: readGraceMs(given['grace-seconds'])
  }
}

function certificateChoice(given: Given<typeof serveWebhookOptions>): CertificateChoice {
  const { 'tls-cert': certificate, 'tls-key': key, 'tls-secret': secret } = given
  const { 'tls-name': names, 'webhook-configuration': configuration } = given
  const isOwn = secret !== undefined || names.length > 0 || configuration !== undefined
  const isFiles = certificate !== undefined || key !== undefined
  if (isOwn && isFiles) {
    throw new UsageError('--tls-cert and --tls-key stand in place of --tls-secret and --tls-name')
  }
  if (certificate !== undefined && key !== undefined) return { kind: 'files', certificate, key }
  if (secret === undefined || names.length === 0) {
    throw new UsageError(
      'serve webhook needs --tls-cert and --tls-key, or --tls-secret and --tls-name'
    )
  }
  return { kind: 'own', secret: secretOf(secret), names, configuration }
}

function secretOf(text: string): { readonly namespace: string; readonly name: string } {
  const [namespace = '', name = '', ...rest] = text.split('/')
  if (namespace !== '' && name !== '' && rest.length === 0) return { namespace, name }
  throw new UsageError('--tls-secret is NAMESPACE/NAME')
}
