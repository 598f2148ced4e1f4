import { optionLines } from '../common/options.ts'
import { graceSecondsOption } from '../service/serve-process.ts'

/** The options of `mlgitops serve analysis`. */
export const serveAnalysisOptions = {
  listen: {
    argument: 'HOST:PORT',
    default: ':8080',
    unit: 'address',
    description: 'listen address; port 0 picks a free port'
  },
  'metrics-listen': {
    argument: 'HOST:PORT',
    unit: 'address',
    description: 'serve /metrics on this address instead of the main one'
  },
  objectives: {
    argument: 'DIR',
    unit: 'folder',
    description: 'read ModelAnalyses from this folder; changes are picked up while running'
  },
  cluster: {
    unit: 'switch',
    description: 'read ModelAnalyses from the cluster that the pod runs in, and write their status'
  },
  kubeconfig: {
    argument: 'FILE',
    unit: 'file',
    description: "the same for the cluster of the file's current context"
  },
  state: {
    argument: 'FILE',
    unit: 'file',
    description: 'SQLite file for all state; without it state is lost when the process ends'
  },
  namespace: {
    argument: 'NS',
    isRepeated: true,
    unit: 'name',
    description: 'judge only canaries of this namespace'
  },
  'rollout-of': {
    argument: 'NS/SOURCE=NS/ROLLOUT',
    isRepeated: true,
    unit: 'two names',
    description:
      'rollout that the events of a source belong to, such as an InferenceService of another name than its Canary'
  },
  prometheus: {
    argument: 'URL',
    isRepeated: true,
    unit: 'URL',
    description: 'Prometheus that objectives may query; the first one is the default'
  },
  allow: {
    argument: 'URL',
    isRepeated: true,
    unit: 'URL',
    description:
      "address that objectives may use, with all paths under it; the host may start with *.; Services of the Canary's namespace, and loopback if --listen is on it, are always allowed"
  },
  token: {
    argument: 'URL=SOURCE',
    isRepeated: true,
    unit: 'URL and source',
    description: 'bearer token for an address, from file:PATH or env:NAME'
  },
  files: {
    argument: 'DIR',
    unit: 'folder',
    description:
      'labelled sets and baselines that objectives may use, in one folder per namespace; without it no file, or any file if --listen is on loopback'
  },
  'hook-auth': {
    argument: 'FILE',
    unit: 'file',
    description:
      'credentials that hooks require: one token or user:password per line, reread when the file changes (Flagger: https://user:password@host/...)'
  },
  'event-auth': {
    argument: 'FILE',
    unit: 'file',
    description: 'the same for events'
  },
  'view-auth': {
    argument: 'FILE',
    unit: 'file',
    description: 'the same for pages, verdicts, queries and /metrics on the main address'
  },
  retention: {
    argument: 'DURATION',
    default: '168h',
    unit: 'duration',
    description: 'how long a prediction is kept for its label'
  },
  'grace-seconds': graceSecondsOption
} as const

/** What `mlgitops serve analysis --help` prints. */
export const serveAnalysisUsage = (): string => `Usage: mlgitops serve analysis [options]

Answers Flagger's webhooks (POST /webhook/TYPE) by the evidence of predictions and labels
(POST /v1/events) about a canary.

${optionLines(serveAnalysisOptions)}
Also serves /healthz and /readyz. Drains and exits 0 on SIGTERM.
`
