import { optionLines } from '../common/options.ts'
import { graceSecondsOption } from '../service/serve-process.ts'

/** The options of `mlgitops serve analysis`. */
export const serveAnalysisOptions = {
  listen: {
    argument: 'HOST:PORT',
    default: ':8080',
    unit: 'address',
    description: 'where it answers; port 0 is any free one'
  },
  'metrics-listen': {
    argument: 'HOST:PORT',
    unit: 'address',
    description: '/metrics on an address of its own, not on the main one'
  },
  objectives: {
    argument: 'DIR',
    unit: 'folder',
    description: 'ModelAnalysis files; changed ones are taken over while it runs'
  },
  cluster: {
    unit: 'switch',
    description: 'in their place those of the cluster around the pod, which get a status'
  },
  kubeconfig: {
    argument: 'FILE',
    unit: 'file',
    description: 'in their place those of the cluster of its current context'
  },
  state: {
    argument: 'FILE',
    unit: 'file',
    description: 'the SQLite file that keeps everything; without it nothing outlives the process'
  },
  namespace: {
    argument: 'NS',
    isRepeated: true,
    unit: 'name',
    description: 'judge canaries of this namespace only'
  },
  prometheus: {
    argument: 'URL',
    isRepeated: true,
    unit: 'URL',
    description: 'a Prometheus that objectives may ask, the first one by default'
  },
  allow: {
    argument: 'URL',
    isRepeated: true,
    unit: 'URL',
    description:
      "an address that objectives may name, with all under its path; the host may start with *.; without it Services of the Canary's namespace, and loopback where --listen is on loopback"
  },
  token: {
    argument: 'URL=SOURCE',
    isRepeated: true,
    unit: 'URL and source',
    description: 'a bearer token for an address, from file:PATH or env:NAME'
  },
  files: {
    argument: 'DIR',
    unit: 'folder',
    description:
      'labelled sets and baselines that objectives may name, in a folder for each namespace; without it none, or any file where --listen is on loopback'
  },
  'hook-auth': {
    argument: 'FILE',
    unit: 'file',
    description:
      'who may call hooks: tokens and user:password, one a line, read again when it changes (Flagger: https://user:password@host/...)'
  },
  'event-auth': {
    argument: 'FILE',
    unit: 'file',
    description: 'the same for those who send events'
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
    description: 'how long predictions wait for a label'
  },
  'grace-seconds': graceSecondsOption
} as const

/** What `mlgitops serve analysis --help` prints. */
export const serveAnalysisUsage = (): string => `Usage: mlgitops serve analysis [options]

Answers Flagger's webhooks (POST /webhook/TYPE) from what predictions and labels (POST /v1/events) show
about a canary.

${optionLines(serveAnalysisOptions)}
/healthz and /readyz answer as well. SIGTERM drains and exits 0.
`
