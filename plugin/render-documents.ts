import path from 'node:path'
import { Fault, isFault } from '../common/fault.ts'
import type { LocatedDocument } from '../common/yaml/read.ts'
import type { RenderContext } from './context.ts'
import { chartReads, useOfModelCommit } from './helm/chart-reads.ts'
import type { Chart } from './helm/chart.ts'
import { renderChart } from './helm/render-chart.ts'
import type { HelmTemplate } from './helm/run-helm.ts'
import { renderItems } from './items.ts'
import type { Items } from './items.ts'
import type { KustomizeBuild } from './kustomize/build.ts'
import { kustomizationIn } from './kustomize/kustomization.ts'
import { renderKustomization } from './kustomize/render-kustomization.ts'
import { modelCommitUnknown } from './model-identity.ts'
import type { ModelIdentity } from './model-identity.ts'
import { declaredValues } from './model-sources/model-values.ts'
import { TrainingReads, uncoveredValues } from './model-sources/uncovered-values.ts'
import { projectFile } from './project/project.ts'
import type { Project } from './project/project.ts'
import type { OwnValues } from './render-values.ts'
import type { RepositoryTree } from './repository/tree.ts'
import { templateFiles } from './template-files.ts'
import { refuseWithoutEffect, templateForms } from './template-forms.ts'
import { renderTemplate } from './template/render-template.ts'
import type { TemplateInput } from './template/render-template.ts'
import type { ValueRead } from './template/source.ts'
import { builtInValues, templateVariables } from './values/built-in.ts'

/** What the documents of a render are made from. */
export interface DocumentsRequest {
  readonly tree: RepositoryTree
  readonly project: Project
  readonly chart: Chart | undefined
  readonly items?: Items
  readonly identity: ModelIdentity
  readonly own: OwnValues
  readonly kustomize: KustomizeBuild
  readonly helm: HelmTemplate
  /** Called when all files are read: Git can compare them while they are rendered. */
  readonly onRead: () => unknown
}

/** The documents of a render. */
export interface RenderedDocuments {
  readonly documents: readonly LocatedDocument[]
  /** One sentence each. */
  readonly warnings: readonly string[]
}

/**
 * Renders the chart, the kustomization, the templates or the items of an application path.
 *
 * @throws {Fault} `MODEL_COMMIT_UNKNOWN` if they use the model commit and it is not known; `TEMPLATE_*`,
 *   `KUSTOMIZE_*`, `HELM_*`, `CHART_*`, `YAML_*`, `FILE_*`, `PATH_*`
 */
export async function renderDocuments(
  request: DocumentsRequest,
  facts: RenderContext
): Promise<RenderedDocuments> {
  const { tree, chart, own, helm } = request
  const reads = new TrainingReads()
  const rendered =
    chart === undefined
      ? await renderTemplates(request, facts, reads)
      : await renderChart(chartOf(request, chart, reads), {
          tree,
          facts,
          values: own.values,
          helm
        })
  return { ...rendered, warnings: [...rendered.warnings, ...uncovered(request, facts, reads)] }
}

function chartOf({ tree, identity, own }: DocumentsRequest, chart: Chart, reads: TrainingReads) {
  const { modelCommit } = identity.history
  if (modelCommit.kind === 'unknown') {
    const where = useOfModelCommit(tree, chart, own.values)
    if (where !== undefined) throw modelCommitUnknown(modelCommit, where)
  }
  for (const read of chartReads(tree, chart)) reads.record(read)
  return chart
}

function uncovered(
  { tree, project, identity, own }: DocumentsRequest,
  { sourcePath }: RenderContext,
  reads: TrainingReads
): readonly string[] {
  return uncoveredValues(reads.files, own.layers, {
    selection: identity.sources.selection,
    declared: declaredValues(project, projectName(tree, sourcePath))
  })
}

function projectName(tree: RepositoryTree, sourcePath: string): string {
  return tree.nameOf(path.posix.join(sourcePath, projectFile))
}

/** A loop can repeat one. */
const maxWarnings = 20

async function renderTemplates(
  request: DocumentsRequest,
  facts: RenderContext,
  reads: TrainingReads
): Promise<RenderedDocuments> {
  const { identity, own } = request
  const warnings = new Set<string>()
  const input = {
    values: { ...own.values, ...builtInValues(facts) },
    variables: templateVariables(facts),
    warn: (warning: string) => warnings.size < maxWarnings && warnings.add(warning),
    read: (read: ValueRead) => {
      refuseUnknown(identity, read)
      reads.record(read)
    }
  }
  try {
    return { documents: await templateDocuments(request, facts, input), warnings: [...warnings] }
  } catch (error) {
    throw withoutCommit(error, identity) ?? error
  }
}

/** A missing value is false in a block, and has a default: neither may stand for an unknown commit. */
function refuseUnknown({ history }: ModelIdentity, { keys, where }: ValueRead): void {
  if (history.modelCommit.kind !== 'unknown' || keys[0]?.startsWith('modelCommit') !== true) return
  if (/^modelCommit(?:Short8?)?$/.test(keys[0])) {
    throw modelCommitUnknown(history.modelCommit, where())
  }
}

/** The fault of a `${MODEL_COMMIT}` without a value. */
function withoutCommit(error: unknown, { history }: ModelIdentity): Fault | undefined {
  if (!isFault(error) || error.code !== 'TEMPLATE_VALUE_MISSING') return undefined
  if (history.modelCommit.kind !== 'unknown' || !error.message.includes('${MODEL_COMMIT'))
    return undefined
  return modelCommitUnknown(history.modelCommit, error.details.where ?? '')
}

async function templateDocuments(
  request: DocumentsRequest,
  facts: RenderContext,
  input: TemplateInput
): Promise<readonly LocatedDocument[]> {
  const { tree, items, project, own } = request
  const { sourcePath } = facts
  if (items !== undefined) return renderItems(items, input)
  const name = projectName(tree, sourcePath)
  if (kustomizationIn(tree, sourcePath) !== undefined) {
    refuseWithoutEffect(project, 'kustomization', name)
    const forms = templateForms(project, name)
    return renderKustomization({ ...request, sourcePath }, facts, {
      ...input,
      ...{ forms, own: own.values }
    })
  }
  const folder = tree.nameOf(sourcePath)
  const files = templateFiles(tree, sourcePath, project).map(({ file, form }) => ({
    fileName: folder === '.' || folder === '' ? file : `${folder}/${file}`,
    text: tree.read(path.posix.join(sourcePath, file)),
    form
  }))
  request.onRead()
  return files.flatMap(({ fileName, text, form }) => renderTemplate(fileName, text, input, form))
}
