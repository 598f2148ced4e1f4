import { UsageError } from '../common/command.ts'
import { parseCommandLine } from '../common/command-line.ts'
import { readGraceMs } from '../service/serve-process.ts'

/** What `mlgitops serve webhook --help` prints. */
export const serveUsage = `Usage: mlgitops serve webhook [options]

Answers the API server's AdmissionReviews over HTTPS: POST /validate, and POST /validate/NAME for the
policies of the set NAME. Changed policies are taken over while it runs.

  --listen HOST:PORT            where it answers (default :8443); port 0 is any free one
  --metrics-listen HOST:PORT    /metrics over HTTP (default :9443)
  --keys FILE|DIR               a public key that is trusted (mlgitops keygen), or a folder of *.pub;
                                may be repeated
  --controller USER             a further controller whose children are not judged; may be repeated
  --exception-namespace NS      exceptions of this namespace count; may be repeated
  --grace-seconds N             how long connections are still taken after SIGTERM (default 5)
  --help

Policies of the cluster, unless a folder is given:
  --policies DIR                ModelPolicy files (and PolicyException files); sub-folders are sets
  --kubeconfig FILE             the cluster of its current context, in place of the one around the pod

A certificate from files:
  --tls-cert FILE               the certificate chain, PEM; replaced files are served at once
  --tls-key FILE                its key, PEM

Or one of an own authority, which the replicas share:
  --tls-secret NAMESPACE/NAME   the Secret that keeps the authority
  --tls-name NAME               a name of the certificate, such as mlgitops-webhook.mlgitops-system.svc;
                                may be repeated
  --webhook-configuration NAME  the ValidatingWebhookConfiguration whose caBundle is kept up

/healthz and /readyz answer on both addresses. SIGTERM drains and exits 0.
`

const options = {
  listen: { type: 'string', default: ':8443' },
  'metrics-listen': { type: 'string', default: ':9443' },
  policies: { type: 'string' },
  kubeconfig: { type: 'string' },
  'exception-namespace': { type: 'string', multiple: true },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-secret': { type: 'string' },
  'tls-name': { type: 'string', multiple: true },
  'webhook-configuration': { type: 'string' },
  keys: { type: 'string', multiple: true },
  controller: { type: 'string', multiple: true },
  'grace-seconds': { type: 'string', default: '5' },
  help: { type: 'boolean' }
} as const

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
  const given = parse(args)
  if (given.help === true) return undefined
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
    exceptionNamespaces: given['exception-namespace'] ?? [],
    certificates,
    keys: given.keys ?? [],
    controllers: given.controller ?? [],
    graceMs: readGraceMs(given['grace-seconds'])
  }
}

type Given = ReturnType<typeof parse>

function certificateChoice(given: Given): CertificateChoice {
  const { 'tls-cert': certificate, 'tls-key': key, 'tls-secret': secret } = given
  const { 'tls-name': names = [], 'webhook-configuration': configuration } = given
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

function parse(args: readonly string[]) {
  return parseCommandLine({ args: [...args], options }).values
}
