import { UsageError } from '../common/command.ts'
import { optionLines, readOptions } from '../common/options.ts'
import type { Given } from '../common/options.ts'
import { graceSecondsOption, readGraceMs } from '../service/serve-process.ts'
import { readOperators } from './owner/operator.ts'
import type { OperatorChoices } from './owner/operator.ts'

/** The options of `mlgitops serve webhook`. */
export const serveWebhookOptions = {
  listen: {
    argument: 'HOST:PORT',
    default: ':8443',
    unit: 'address',
    description: 'HTTPS address; port 0 picks a free port'
  },
  'metrics-listen': {
    argument: 'HOST:PORT',
    default: ':9443',
    unit: 'address',
    description: 'HTTP address of /metrics'
  },
  keys: {
    argument: 'FILE|DIR',
    isRepeated: true,
    unit: 'file or folder',
    description: 'a trusted public key (docs/keys.md), or a folder of *.pub files'
  },
  operator: {
    argument: 'NAMESPACE:ACCOUNT',
    isRepeated: true,
    unit: 'name',
    description:
      'an operator whose objects pass if their owner was admitted with what they run; with =images commands and variables may differ; with =full they are not judged'
  },
  'operator-images': {
    argument: 'NAMESPACE:ACCOUNT=IMAGE,...',
    isRepeated: true,
    unit: 'name',
    description:
      'images that this operator adds by itself: HOST/PATH for all below it, or an image with its tag or digest'
  },
  controller: {
    argument: 'USER',
    isRepeated: true,
    unit: 'name',
    description: 'as --operator with =full, for any user'
  },
  policies: {
    argument: 'FILE|DIR',
    unit: 'file or folder',
    description:
      "a file or a folder of ModelPolicies and PolicyExceptions, instead of the cluster's; subfolders are policy sets"
  },
  'exception-namespace': {
    argument: 'NS',
    isRepeated: true,
    unit: 'name',
    description: 'a namespace whose PolicyExceptions are accepted'
  },
  kubeconfig: {
    argument: 'FILE',
    unit: 'file',
    description: 'use the cluster of its current context instead of the in-cluster configuration'
  },
  'tls-cert': {
    argument: 'FILE',
    unit: 'file',
    description: 'certificate chain in PEM, reloaded when it changes'
  },
  'tls-key': { argument: 'FILE', unit: 'file', description: 'private key in PEM' },
  'tls-secret': {
    argument: 'NAMESPACE/NAME',
    unit: 'name',
    description: 'instead of files: the Secret for our own CA, shared by the replicas'
  },
  'tls-name': {
    argument: 'NAME',
    isRepeated: true,
    unit: 'name',
    description:
      'a DNS name for the certificate of our own CA, such as mlgitops-webhook.NAMESPACE.svc'
  },
  'webhook-configuration': {
    argument: 'NAME',
    unit: 'name',
    description: 'the ValidatingWebhookConfiguration whose caBundle gets our own CA'
  },
  'grace-seconds': graceSecondsOption
} as const

/** What `mlgitops serve webhook --help` prints. */
export const serveUsage = `Usage: mlgitops serve webhook [options]

Answers AdmissionReviews over HTTPS: POST /validate, and POST /validate/NAME for the policy set NAME.
Policies and keys are reloaded when they change. It needs --tls-cert and --tls-key, or --tls-secret and
--tls-name.

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

/** A valid command line. */
export interface ServeChoices {
  readonly listen: string
  readonly metricsListen: string
  /** A folder; undefined for the policies of the cluster. */
  readonly policies: string | undefined
  readonly kubeconfig: string | undefined
  readonly exceptionNamespaces: readonly string[]
  readonly certificates: CertificateChoice
  readonly keys: readonly string[]
  readonly operators: OperatorChoices
  readonly graceMs: number
}

/**
 * Reads the choices of a command line; undefined for `--help`.
 *
 * @throws {UsageError}
 */
export function readServeOptions(args: readonly string[]): ServeChoices | undefined {
  const { given, isHelp, positionals } = readOptions(serveWebhookOptions, { args })
  if (isHelp) return undefined
  if (positionals.length > 0) throw new UsageError('serve webhook takes only options')
  const certificates = certificateChoice(given)
  const { policies, kubeconfig } = given
  const operators = readOperators(given)
  const needsCluster = certificates.kind === 'own' || operators.operators.length > 0
  if (kubeconfig !== undefined && policies !== undefined && !needsCluster) {
    throw new UsageError('--kubeconfig is not needed: policies and certificates come from files')
  }
  return {
    listen: given.listen,
    metricsListen: given['metrics-listen'],
    policies,
    kubeconfig,
    exceptionNamespaces: given['exception-namespace'],
    certificates,
    keys: given.keys,
    operators,
    graceMs: readGraceMs(given['grace-seconds'])
  }
}

function certificateChoice(given: Given<typeof serveWebhookOptions>): CertificateChoice {
  const { 'tls-cert': certificate, 'tls-key': key, 'tls-secret': secret } = given
  const { 'tls-name': names, 'webhook-configuration': configuration } = given
  const isOwn = secret !== undefined || names.length > 0 || configuration !== undefined
  const isFiles = certificate !== undefined || key !== undefined
  if (isOwn && isFiles) {
    throw new UsageError('use either --tls-cert and --tls-key, or --tls-secret and --tls-name')
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
  throw new UsageError('--tls-secret must be NAMESPACE/NAME')
}
