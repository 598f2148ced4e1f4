import path from 'node:path'
import { bound, Fault } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import type { LocatedDocument } from '../../common/yaml/read.ts'
import type { RenderContext } from '../context.ts'
import { projectFile } from '../project/project.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import { commitTexts } from '../values/built-in.ts'
import { redact } from '../values/redact.ts'
import { chartFiles } from './chart-files.ts'
import { checkLock } from './chart-lock.ts'
import { withBuiltIns } from './chart-values.ts'
import type { Chart } from './chart.ts'
import { refuseRounded } from './exact-values.ts'
import { helmFault } from './helm-fault.ts'
import { readHelmOutput } from './helm-output.ts'
import type { HelmTemplate } from './run-helm.ts'
import { refuseOutsideReferences } from './schema-references.ts'
import type { HelmSettings } from './settings.ts'
import { unusedObjects } from './unused-objects.ts'

/** The inputs of a chart. */
export interface ChartInput {
  readonly tree: RepositoryTree
  readonly facts: RenderContext
  /** The values without the built-in ones. */
  readonly values: JsonObject
  readonly helm: HelmTemplate
}

/** The result of a chart. */
export interface RenderedChart {
  readonly documents: readonly LocatedDocument[]
  readonly warnings: readonly string[]
}

/**
 * Renders a chart with `helm template`. Hooks are kept: Argo CD runs them.
 *
 * @throws {Fault} `HELM_*`, `CHART_*`, `YAML_*`, `FILE_*`, `PATH_*`
 */
export async function renderChart(chart: Chart, input: ChartInput): Promise<RenderedChart> {
  const { tree, facts, helm } = input
  checkLock(tree, chart)
  refuseRounded(input.values)
  const values = withBuiltIns(input.values, facts, chart.settings)
  const files = chartFiles(tree, chart)
  refuseOutsideReferences(files, file => tree.nameOf(path.posix.join(chart.folder, file)))
  const result = await helm({
    files,
    values,
    releaseName: releaseName(chart, input),
    options: optionsOf(chart.settings, facts)
  })
  if (result.kind === 'refused') throw helmFault(result.stderr, input.values, { tree, chart })
  return {
    documents: readHelmOutput(result.yaml, tree, chart, commitTexts(facts)),
    warnings: [
      ...unusedObjects(tree, facts.sourcePath, chart),
      ...warningsOf(redact(result.stderr, input.values))
    ]
  }
}

/** Argo CD names applications in other namespaces `<namespace>_<name>`; Helm refuses underscores. */
function releaseName({ settings }: Chart, { facts, tree }: ChartInput): string {
  const name =
    settings.releaseName ??
    facts.appName?.replace(/^[^_]*_/, '') ??
    path.posix.basename(facts.sourcePath)
  if (/^[a-z0-9]([-a-z0-9.]{0,51}[a-z0-9])?$/.test(name)) return name
  throw new Fault('HELM_RELEASE_NAME', 'the name cannot be the name of a Helm release', {
    where: tree.nameOf(path.posix.join(facts.sourcePath, projectFile)),
    found: JSON.stringify(name.slice(0, 80)),
    expected: 'at most 53 lower case letters, digits, "-" and "."',
    remedy: 'Set helm.releaseName in mlgitops.yaml.'
  })
}

function optionsOf(settings: HelmSettings, facts: RenderContext): readonly string[] {
  const namespace = settings.namespace ?? facts.namespace
  const { apiVersions = [], kubeVersion, skipTests = false, includeCRDs = true } = settings
  return [
    ...(namespace === undefined ? [] : ['--namespace', namespace]),
    ...(includeCRDs ? ['--include-crds'] : []),
    ...(skipTests ? ['--skip-tests'] : []),
    ...apiVersions.flatMap(version => ['--api-versions', version]),
    ...(kubeVersion === undefined ? [] : ['--kube-version', kubeVersion])
  ]
}

const maxWarnings = 20

/** Helm's warnings on stderr, such as a value that would replace a table; Helm exits with 0. */
function warningsOf(stderr: string): readonly string[] {
  const lines = stderr.split('\n').filter(line => line.trim() !== '')
  const rest = lines.length - maxWarnings
  return [
    ...lines.slice(0, maxWarnings).map(line => `helm: ${bound(line.trim(), 400)}`),
    ...(rest > 0 ? [`helm: and ${rest} more lines`] : [])
  ]
}
