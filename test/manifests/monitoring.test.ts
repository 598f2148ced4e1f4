import { readFileSync } from 'node:fs'
import { Registry } from 'prom-client'
import t from 'tap'
import { modelFamilies } from '../../analysis/metrics/model-metrics.ts'
import { workMetrics } from '../../analysis/metrics/work-metrics.ts'
import { openSqliteStore } from '../../analysis/store/sqlite-store.ts'
import type { JsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { observe } from '../../plugin/flux/flux-metrics.ts'
import { observeCertificates } from '../../service/certificates/certificate-metrics.ts'
import { Load } from '../../service/http/load.ts'
import { observeInformers } from '../../service/kubernetes/informer-metrics.ts'
import { createLogger } from '../../service/log.ts'
import { httpObserver, observeLoad } from '../../service/metrics/http-metrics.ts'
import { createRegistry } from '../../service/metrics/process-metrics.ts'
import { admissionMetrics } from '../../webhook/admission-metrics.ts'
import { ownerReads } from '../../webhook/cluster/owner-reads.ts'
import { observeKeys } from '../../webhook/keys/key-metrics.ts'

const component = 'manifests/components/prometheus'

/** Of the API server (apiserver pkg/admission/metrics) and of Prometheus itself. */
const foreign: Readonly<Record<string, readonly string[]>> = {
  apiserver_admission_webhook_rejection_count: ['name', 'error_type'],
  apiserver_admission_webhook_fail_open_count: ['name'],
  up: []
}
/** What Prometheus adds to what it scrapes. */
const ofTarget = ['job', 'pod', 'namespace', 'instance', 'le']

/** The metrics of the services, by name, with their labels; a histogram's series among them. */
function registered(): ReadonlyMap<string, readonly string[]> {
  const registries = [createRegistry('1'), createRegistry('1'), createRegistry('1')] as const
  const [webhook, analysis, flux] = registries
  const logger = createLogger({ level: 'error', write: () => undefined, now: () => 0 })
  for (const registry of registries) {
    httpObserver(registry, logger)
    observeLoad(registry, new Load({ maxRequests: 1, maxBodyBytes: 1 }))
  }
  admissionMetrics(webhook)
  ownerReads(webhook, logger, () => 0)
  observeInformers(webhook, [])
  observeKeys(webhook, { keys: () => [], isCurrent: () => true })
  observeCertificates(webhook, { ends: () => [], isCurrent: () => true })
  workMetrics(analysis, openSqliteStore(':memory:'))
  observe(flux, {
    queue: { counts: { done: 0, failed: 0 }, length: 0 },
    renderings: { renders: 0 },
    cache: { downloads: 0 },
    watched: { notReady: [] },
    readiness: { isReady: true }
  })
  const all = registries.flatMap(registry => [...labelsByName(registry)])
  const models = modelFamilies.map(({ name, labels }) => [name, labels] as const)
  return new Map([...all, ...models, ...Object.entries(foreign)])
}

function labelsByName(registry: Registry): ReadonlyMap<string, readonly string[]> {
  const metrics = registry.getMetricsAsArray() as unknown as readonly {
    readonly name: string
    readonly type: string
    readonly labelNames?: readonly string[]
  }[]
  return new Map(
    metrics.flatMap(({ name, type, labelNames = [] }) =>
      (type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).map(
        suffix => [name + suffix, labelNames] as const
      )
    )
  )
}

/** What is wrong with the metrics that a query names: unknown ones, and labels they do not have. */
function problemsOf(query: string, known: ReadonlyMap<string, readonly string[]>): string[] {
  const bare = query.replaceAll(/"[^"]*"/g, '""')
  const found: string[] = []
  for (const [, name = '', , matchers = ''] of bare.matchAll(
    /\b((?:mlgitops|apiserver|process|nodejs)_\w+|up)\b(\{([^}]*)\})?/g
  )) {
    const labels = known.get(name)
    if (labels === undefined) found.push(`${name} is not registered`)
    for (const [, label = ''] of matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) {
      if (labels?.includes(label) !== true && !ofTarget.includes(label))
        found.push(`${name} has no label ${label}`)
    }
  }
  const own = [...bare.matchAll(/\b(?:by|without) \(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map(label => label.trim())
  )
  const anywhere = new Set([...ofTarget, ...[...known.values()].flat()])
  return [...found, ...own.filter(label => !anywhere.has(label)).map(label => `no ${label}`)]
}

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string }
}

function rules(): readonly Rule[] {
  const files = [
    `${component}/webhook-rules.yaml`,
    `${component}/analysis-rules.yaml`,
    'manifests/components/flux-prometheus/flux-rules.yaml'
  ]
  return files.flatMap(file => {
    const [document] = readYaml(readFileSync(file, 'utf8'), { file })
    const { spec } = document?.value as unknown as {
      readonly spec: { readonly groups: readonly { readonly rules: readonly Rule[] }[] }
    }
    return spec.groups.flatMap(group => group.rules)
  })
}

function panels(): readonly (JsonObject & { readonly title: string })[] {
  const text = readFileSync(`${component}/dashboard.json`, 'utf8')
  return (JSON.parse(text) as { readonly panels: readonly (JsonObject & { title: string })[] })
    .panels
}

t.test('alerts and dashboard ask for metrics and labels that the services register', t => {
  const known = registered()
  for (const { alert, expr } of rules()) t.same(problemsOf(expr, known), [], alert)
  for (const { title, targets = [] } of panels()) {
    for (const { expr } of targets as { expr: string }[]) t.same(problemsOf(expr, known), [], title)
  }
  t.same(
    problemsOf('sum by (nobody) (mlgitops_policies_loaded{kind="x"}) + mlgitops_nothing', known),
    [
      'mlgitops_policies_loaded has no label kind',
      'mlgitops_nothing is not registered',
      'no nobody'
    ],
    'the check itself finds what is wrong'
  )
  t.end()
})

t.test('docs/operations.md has every metric with its labels, and no other', t => {
  const page = readFileSync('docs/operations.md', 'utf8')
  const table = page.slice(page.indexOf('\n| metric |'), page.indexOf('\n## Alerts'))
  const documented = [...table.matchAll(/`(mlgitops_\w+)(?:\{([^}]*)\})?`/g)].map(
    ([, name = '', labels = '']) => `${name}{${labels}}`
  )
  const ofModel = ['namespace', 'name', 'model', 'commit']
  const own = [...registered()]
    .filter(([name]) => name.startsWith('mlgitops_') && !/_(?:sum|count)$/.test(name))
    .map(([name, labels]) => {
      const isOfModel = name.startsWith('mlgitops_model_')
      const shown = labels.filter(label => !(isOfModel && ofModel.includes(label)))
      return `${name.replace(/_bucket$/, '')}{${shown.join()}}`
    })
  t.same(documented.sort(), own.sort())
  t.end()
})

t.test('both services are on the dashboard, and panels do not lie on one another', t => {
  const places = panels().map(({ gridPos }) => {
    const { x, y } = gridPos as { x: number; y: number }
    return `${x} ${y}`
  })
  t.equal(new Set(places).size, places.length)
  t.same(
    panels()
      .filter(({ type }) => type === 'row')
      .map(({ title }) => title),
    ['Admission', 'Analysis', 'Processes']
  )
  t.end()
})

t.test('an alert has a severity, a sentence, and a section that says what to do', t => {
  const operations = readFileSync('docs/operations.md', 'utf8')
  for (const { alert, labels, annotations } of rules()) {
    t.match(labels.severity, /^(critical|warning|info)$/, alert)
    t.match(annotations.summary, /\.$/, alert)
  }
  const documented = [...operations.matchAll(/^\| `(Mlgitops\w+)` \| /gm)].map(([, name]) => name)
  t.same(documented.sort(), rules().map(({ alert }) => alert).sort(), 'docs/operations.md has each')
  t.end()
})
