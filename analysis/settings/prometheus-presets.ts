/** The counters of one server or mesh. Selectors and matchers have the form that the settings accept. */
export interface PrometheusPreset {
  readonly requests?: string
  readonly errors?: string
  /** The `_bucket` series of a histogram. */
  readonly latency?: string
  /** Unit of the histogram edges. */
  readonly unit: 's' | 'ms'
  /** Absent if no label distinguishes canary and primary by a rule. */
  readonly canary?: string
  readonly primary?: string
}

/** Pods by Flagger's names of Deployments: the canary has the target's name, the primary adds `-primary`. */
export const flaggerPods = {
  canary: 'namespace="{{ namespace }}",pod=~"{{ target }}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"',
  primary: 'namespace="{{ namespace }}",pod=~"{{ target }}-primary-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"'
} as const

/**
 * Presets by name, from the servers' source code and captured responses of real servers.
 *
 * KServe's Python server does not count errors. MLServer's only histogram is by path, not by model, and does
 * not count 422. Triton has a histogram, of the first response, only with `histogram_latencies=true`.
 * Knative's counters are those of the queue proxy up to 1.18.
 */
export const prometheusPresets = {
  kserve: {
    requests: 'request_predict_seconds_count',
    latency: 'request_predict_seconds_bucket',
    unit: 's',
    ...flaggerPods
  },
  triton: {
    requests: '{__name__=~"nv_inference_request_success|nv_inference_request_failure"}',
    errors: 'nv_inference_request_failure',
    latency: 'nv_inference_first_response_histogram_ms_bucket',
    unit: 'ms',
    ...flaggerPods
  },
  mlserver: {
    requests: '{__name__=~"model_infer_request_success_total|model_infer_request_failure_total"}',
    errors: 'model_infer_request_failure_total',
    latency: 'rest_server_request_duration_seconds_bucket{path=~".*/infer"}',
    unit: 's',
    ...flaggerPods
  },
  vllm: {
    requests: 'http_requests_total{handler=~"/v1/.*"}',
    errors: 'http_requests_total{handler=~"/v1/.*",status="5xx"}',
    latency: 'vllm:e2e_request_latency_seconds_bucket',
    unit: 's',
    ...flaggerPods
  },
  istio: {
    requests: 'istio_requests_total{reporter="destination"}',
    errors: 'istio_requests_total{reporter="destination",response_code=~"5.."}',
    latency: 'istio_request_duration_milliseconds_bucket{reporter="destination"}',
    unit: 'ms',
    canary: 'destination_workload_namespace="{{ namespace }}",destination_workload="{{ target }}"',
    primary:
      'destination_workload_namespace="{{ namespace }}",destination_workload="{{ target }}-primary"'
  },
  knative: {
    requests: 'revision_request_count',
    errors: 'revision_request_count{response_code_class="5xx"}',
    latency: 'revision_request_latencies_bucket',
    unit: 'ms'
  }
} as const satisfies Readonly<Record<string, PrometheusPreset>>

/** A preset's name. */
export type PresetName = keyof typeof prometheusPresets

/** Every preset's name. */
export const presetNames = Object.keys(prometheusPresets) as PresetName[]
