import type { JsonObject } from '../common/json.ts'

/** The path of the generated file. */
export const dashboardPath = 'manifests/components/prometheus/dashboard.json'

interface Panel {
  readonly title: string
  /** What the panel shows, and when to investigate. */
  readonly description: string
  /** Queries by their legends. */
  readonly queries: Readonly<Record<string, string>>
  /** A unit of Grafana. */
  readonly unit?: string
}

const webhook = 'job="mlgitops-webhook"'
const rollout = 'namespace=~"$namespace",name=~"$rollout"'
const reviewTime = `sum by (le) (rate(mlgitops_http_request_duration_seconds_bucket{${webhook},route=~"/validate.*"}[$__rate_interval]))`

const rows: Readonly<Record<string, readonly Panel[]>> = {
  Admission: [
    {
      title: 'Decisions',
      description: 'Reviews a second by decision; dry runs are among them.',
      queries: {
        '{{decision}}':
          'sum by (decision) (rate(mlgitops_admission_decisions_total[$__rate_interval]))'
      },
      unit: 'reqps'
    },
    {
      title: 'Violations by policy',
      description: 'What policies found in the last hour, by their strongest action.',
      queries: {
        '{{policy}} {{action}}':
          'sum by (policy, action) (increase(mlgitops_policy_violations_total[1h]))'
      }
    },
    {
      title: 'Time of a review',
      description: 'From headers to answer; the API server waits for 10 seconds.',
      queries: {
        p50: `histogram_quantile(0.5, ${reviewTime})`,
        p99: `histogram_quantile(0.99, ${reviewTime})`
      },
      unit: 's'
    },
    {
      title: 'Reviews answered 503',
      description: 'Answers 503, which the API server repeats: too much came at once.',
      queries: {
        '{{pod}}': `sum by (pod) (rate(mlgitops_http_request_duration_seconds_count{${webhook},code="503"}[$__rate_interval]))`
      },
      unit: 'reqps'
    },
    {
      title: 'Loaded policies',
      description: 'Policies in force, and whether a change of them is refused (current is 0).',
      queries: {
        loaded: 'max(mlgitops_policies_loaded)',
        current: 'min(mlgitops_policies_current)'
      }
    },
    {
      title: 'Certificates end in',
      description: 'The certificate authority and the certificates of the replicas.',
      queries: {
        '{{kind}} {{pod}}': 'min by (kind, pod) (mlgitops_certificate_not_after_seconds) - time()'
      },
      unit: 's'
    }
  ],
  Analysis: [
    {
      title: 'Verdicts',
      description: 'The verdict on the newest run of each rollout.',
      queries: {
        '{{namespace}}/{{name}} {{verdict}}': `max by (namespace, name, verdict) (mlgitops_model_verdict{${rollout}}) == 1`
      }
    },
    {
      title: 'Evidence against a canary',
      description:
        'Natural logarithm of the e-value that an objective is missed; at the boundary it is proved, and the canary is rolled back.',
      queries: {
        '{{name}} {{metric}} {{versus}}': `mlgitops_model_evidence_ln{${rollout},boundary="fail"}`,
        'boundary {{name}} {{metric}}': `mlgitops_model_evidence_boundary_ln{${rollout},boundary="fail"}`
      }
    },
    {
      title: 'Evidence for a canary',
      description: 'The same that an objective is met; at the boundary it passes.',
      queries: {
        '{{name}} {{metric}} {{versus}}': `mlgitops_model_evidence_ln{${rollout},boundary="pass"}`,
        'boundary {{name}} {{metric}}': `mlgitops_model_evidence_boundary_ln{${rollout},boundary="pass"}`
      }
    },
    {
      title: 'Precision',
      description: 'Share of positive predictions whose label is positive.',
      queries: { '{{name}} {{variant}}': `mlgitops_model_precision{${rollout},window=""}` },
      unit: 'percentunit'
    },
    {
      title: 'Latency of predictions, p99',
      description: 'Within 1 %.',
      queries: {
        '{{name}} {{variant}}': `mlgitops_model_predict_latency_ms{${rollout},quantile="0.99"}`
      },
      unit: 'ms'
    },
    {
      title: 'Hooks',
      description: 'Calls of Flagger by type and status.',
      queries: {
        '{{type}} {{status}}':
          'sum by (type, status) (rate(mlgitops_analysis_hooks_total[$__rate_interval]))'
      },
      unit: 'reqps'
    },
    {
      title: 'Events',
      description: 'Predictions and labels a second, by what became of them.',
      queries: {
        '{{result}}': 'sum by (result) (rate(mlgitops_analysis_events_total[$__rate_interval]))',
        'refused: {{reason}}':
          'sum by (reason) (rate(mlgitops_analysis_events_refused_total[$__rate_interval])) > 0'
      },
      unit: 'ops'
    },
    {
      title: 'Store',
      description: 'Bytes of the state; the volume has 5 GiB unless it was changed.',
      queries: { bytes: 'mlgitops_analysis_store_bytes' },
      unit: 'bytes'
    },
    {
      title: 'Drift of the primary',
      description: 'Evidence that a metric has drifted, as a share of what raises an alarm.',
      queries: {
        '{{name}} {{metric}}': `mlgitops_model_drift_ln{${rollout}} / mlgitops_model_drift_alarm_ln{${rollout}}`
      },
      unit: 'percentunit'
    },
    {
      title: 'Drift alarms',
      description: 'Alarms since the model became the primary.',
      queries: { '{{name}} {{metric}}': `mlgitops_model_drift_alarms{${rollout}}` },
      unit: 'short'
    },
    {
      title: 'Precision of the last hour',
      description: 'Of the primary, of predictions whose label is due.',
      queries: { '{{name}}': `mlgitops_model_precision{${rollout},window="1h"}` },
      unit: 'percentunit'
    }
  ],
  Processes: [
    {
      title: 'CPU',
      description: 'Cores that each process uses.',
      queries: {
        '{{pod}}': 'rate(process_cpu_seconds_total{job=~"mlgitops-.*"}[$__rate_interval])'
      }
    },
    {
      title: 'Memory',
      description:
        'Resident; the evaluators of expressions are processes of their own and not in it.',
      queries: { '{{pod}}': 'process_resident_memory_bytes{job=~"mlgitops-.*"}' },
      unit: 'bytes'
    },
    {
      title: 'Event loop delay, p99',
      description: 'How late timers are: what every request waits on top.',
      queries: { '{{pod}}': 'nodejs_eventloop_lag_p99_seconds{job=~"mlgitops-.*"}' },
      unit: 's'
    }
  ]
}

const columns = 24
const width = 8
const height = 8

/** The dashboard of both webhooks, as Grafana imports it. */
export function dashboard(): string {
  const source = { type: 'prometheus', uid: '${source}' }
  let y = 0
  const panels = Object.entries(rows).flatMap(([title, row]) => {
    const header = { type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: columns, h: 1 } }
    const top = y + 1
    y = top + Math.ceil(row.length / (columns / width)) * height
    return [header, ...row.map((panel, index) => panelJson(panel, place(index, top), source))]
  })
  const content = {
    title: 'mlgitops',
    uid: 'mlgitops',
    tags: ['mlgitops'],
    schemaVersion: 39,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [sourceVariable, ...['namespace', 'rollout'].map(variable)] },
    panels: panels.map((panel, index) => ({ id: index + 1, ...panel }))
  }
  return `${JSON.stringify(content, undefined, 2)}\n`
}

function place(index: number, top: number): JsonObject {
  const perRow = columns / width
  const [x, y] = [(index % perRow) * width, top + Math.floor(index / perRow) * height]
  return { x, y, w: width, h: height }
}

function panelJson(
  { title, description, queries, unit }: Panel,
  gridPos: JsonObject,
  datasource: JsonObject
): JsonObject {
  const targets = Object.entries(queries).map(([legendFormat, expr], index) => ({
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource,
    expr,
    legendFormat
  }))
  const defaults = { unit: unit ?? 'short', custom: { fillOpacity: 10 } }
  const fieldConfig = { defaults, overrides: [] }
  return { type: 'timeseries', title, description, datasource, gridPos, fieldConfig, targets }
}

const sourceVariable: JsonObject = {
  name: 'source',
  label: 'Data source',
  type: 'datasource',
  query: 'prometheus'
}

function variable(name: string): JsonObject {
  const label = name === 'rollout' ? 'name' : 'namespace'
  const query = `label_values(mlgitops_model_verdict, ${label})`
  return {
    name,
    type: 'query',
    datasource: { type: 'prometheus', uid: '${source}' },
    query: { query, refId: name },
    refresh: 2,
    includeAll: true,
    multi: true,
    current: { text: 'All', value: '$__all' }
  }
}
