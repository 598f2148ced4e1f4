import path from 'node:path'
import { Fault, bound, isFault, listNames } from '../common/fault.ts'
import type { JsonObject } from '../common/json.ts'
import { startOnce } from '../common/start-once.ts'
import type { LocatedDocument } from '../common/yaml/read.ts'
import type { Signing } from '../evidence/attestation/signing.ts'
import type { RenderContext } from './context.ts'
import { chartValues } from './helm/chart-values.ts'
import { findChart } from './helm/chart.ts'
import type { Chart } from './helm/chart.ts'
import { renderChart } from './helm/render-chart.ts'
import type { HelmTemplate } from './helm/run-helm.ts'
import type { KustomizeBuild } from './kustomize/build.ts'
import { kustomizationIn } from './kustomize/kustomization.ts'
import { renderKustomization } from './kustomize/render-kustomization.ts'
import { renderItems } from './items.ts'
import type { Items } from './items.ts'
import type { Manifest } from './manifest.ts'
import { modelDigest } from './model-digest/model-digest.ts'
import { absentFile, notCheckedOut } from './origin/absent-files.ts'
import type { Origin } from './origin/origin.ts'
import { applyPatches } from './patch/apply.ts'
import { conventions, parseProject, projectFile } from './project/project.ts'
import type { Project } from './project/project.ts'
import { RepositoryTree } from './repository/tree.ts'
import * as sources from './sources.ts'
import { attest } from './stage/attest.ts'
import { checkManifests, readManifests } from './stage/check.ts'
import { checkMetadata } from './stage/metadata.ts'
import { stamp } from './stage/stamp.ts'
import { templateFiles } from './template-files.ts'
import { refuseWithoutEffect, templateForms } from './template-forms.ts'
import { renderTemplate } from './template/render-template.ts'
import type { TemplateInput } from './template/render-template.ts'
import { assignValues } from './values/assign.ts'
import type { Assignment } from './values/assignment.ts'
import { builtInValues, templateVariables } from './values/built-in.ts'
import { readTexts } from './values/read-texts.ts'
import { validateValues } from './values/schema.ts'

/** The inputs of a render. */
export interface RenderRequest {
  readonly origin: Origin
  readonly tree: RepositoryTree
  /** Value files that the caller names; they override the repository's. */
  readonly valueFiles: readonly sources.ValueFile[]
  /** Values that the caller sets; they override all files. */
  readonly assignments: readonly Assignment[]
  /** Undefined: nothing is attested. */
  readonly signing: Signing | undefined
  readonly kustomize: KustomizeBuild
  readonly helm: HelmTemplate
  /** Objects to render; absent, the files of the application path are rendered. */
  readonly items?: Items
}

/** The result of a render. */
export interface Rendered {
  readonly manifests: readonly Manifest[]
  readonly context: RenderContext
  /** Warnings of a successful render, one sentence each. */
  readonly warnings: readonly string[]
}

/**
 * Renders an application path in stages: values, template, kustomize, patch, stamp, attest, check. A
 * fault in any stage fails the whole render.
 *
 * @throws {Fault} with the code of the stage that failed; `FILE_NOT_CHECKED_OUT` if files that the render
 *   reached are missing from the checkout, which can be the cause of any other fault
 */
export async function render(request: RenderRequest): Promise<Rendered> {
  try {
    return await renderStages(request)
  } catch (error) {
    if (!isFault(error)) throw error
    await refuseAbsent(request)
    throw withoutEnvironment(error, request) ?? error
  }
}

/** A value that is missing because no environment was given: the fault names those that exist. */
function withoutEnvironment(fault: Fault, { origin, tree }: RenderRequest): Fault | undefined {
  if (fault.code !== 'TEMPLATE_VALUE_MISSING' || origin.environment !== undefined) return undefined
  const { sourcePath } = origin.context
  const known = sources.knownEnvironments(tree, sourcePath, readProject(tree, sourcePath))
  if (known.length === 0) return undefined
  return new Fault(fault.code, `${fault.message}, and no environment was given`, {
    ...fault.details,
    expected: `one of the environments ${listNames(known)}`,
    remedy: 'Set --environment, or the parameter "environment" in Argo CD.'
  })
}

async function refuseAbsent({ origin, tree }: RenderRequest): Promise<void> {
  const absent = await absentFile(origin.root, tree.reach)
  if (absent !== undefined) throw notCheckedOut(absent, tree.nameOf(absent.file))
}

async function renderStages(request: RenderRequest): Promise<Rendered> {
  const { origin, tree } = request
  const { sourcePath } = origin.context
  const project = readProject(tree, sourcePath)
  const environment = checkEnvironment(request, project)
  const chart = request.items === undefined ? findChart(tree, sourcePath, project) : undefined
  if (chart !== undefined) refuseWithoutEffect(project, 'chart', projectName(request))
  const evidence = sources.readEvidence(tree, sourcePath, project)
  const evidenceFiles = sources.evidenceFiles(tree, sourcePath, project)
  const isDigested = evidence.biasAudit?.modelDigest !== undefined || request.signing !== undefined
  const [modelCommit, values, digest] = await Promise.all([
    origin.history.modelCommit(sourcePath, evidenceFiles),
    ownValues(request, { project, environment, chart }),
    isDigested ? digestOf(request, evidenceFiles) : {}
  ])
  const facts = { ...origin.context, environment, modelCommit, ...digest, isDirty: false }
  const compare = startOnce(() => origin.history.isDirty(tree.reach))
  const { documents, warnings } =
    chart === undefined
      ? await renderDocuments({ ...request, onRead: compare }, project, facts, values)
      : await renderChart(chart, { tree, facts, values, helm: request.helm })
  const [isDirty] = await Promise.all([compare(), refuseAbsent(request)])
  const context = { ...facts, isDirty }
  const patched = patch(request, project, environment, readManifests(documents))
  checkMetadata(patched)
  const stamped = stamp(patched, context, project.stampPodTemplates)
  const signed =
    request.signing === undefined || context.isDirty
      ? stamped
      : await attest(stamped, context, evidence, request.signing)
  checkManifests(signed, tree.nameOf(sourcePath), context.namespace)
  return { manifests: signed, context, warnings: [...project.warnings, ...warnings] }
}

async function digestOf(
  { origin, tree }: RenderRequest,
  evidenceFiles: readonly string[]
): Promise<{ readonly modelDigest: string }> {
  const { sourcePath } = origin.context
  const known = await origin.history.filesOf(sourcePath)
  return { modelDigest: modelDigest({ tree, sourcePath, evidenceFiles, known }) }
}

function projectName({ origin, tree }: RenderRequest): string {
  return tree.nameOf(path.posix.join(origin.context.sourcePath, projectFile))
}

/** Reads the project file of an application path; without one, returns the conventions. */
export function readProject(tree: RepositoryTree, sourcePath: string): Project {
  const file = path.posix.join(sourcePath, projectFile)
  return tree.kindOf(file) === 'absent'
    ? conventions
    : parseProject(tree.read(file), tree.nameOf(file))
}

function checkEnvironment({ origin, tree }: RenderRequest, project: Project): string | undefined {
  const { environment } = origin
  if (environment === undefined) return undefined
  for (const folder of sources.valueFolders(origin.context.sourcePath))
    tree.reach.addFile(path.posix.join(folder, `configs/${environment}.yaml`))
  const known = sources.knownEnvironments(tree, origin.context.sourcePath, project)
  if (known.includes(environment)) return environment
  throw new Fault(
    'ENVIRONMENT_UNKNOWN',
    `unknown environment ${JSON.stringify(bound(environment, 80))}`,
    {
      expected:
        known.length === 0 ? 'no environment: the repository defines none' : listNames(known),
      remedy: 'An environment is a file configs/<environment>.yaml or a name in mlgitops.yaml.'
    }
  )
}

interface Chosen {
  readonly project: Project
  readonly environment: string | undefined
  readonly chart: Chart | undefined
}

/** Without the built-in ones. A chart's values are validated by Helm, which knows the chart's defaults. */
async function ownValues(
  { origin, tree, valueFiles, assignments }: RenderRequest,
  { project, environment, chart }: Chosen
): Promise<JsonObject> {
  const { sourcePath } = origin.context
  const files = [...sources.readValueFiles(tree, sourcePath, project, environment), ...valueFiles]
  const schemas = sources.readValuesSchemas(
    tree,
    chart === undefined ? sources.valueFolders(sourcePath) : [chart.folder]
  )
  const set = await readTexts([...origin.assignments, ...assignments], schemas)
  if (chart !== undefined) return chartValues(files, set, chart.settings)
  const values = assignValues(files, set)
  for (const schema of schemas) await validateValues(schema, values)
  return values
}

interface RenderedDocuments {
  readonly documents: readonly LocatedDocument[]
  readonly warnings: readonly string[]
}

/** A loop can repeat one. */
const maxWarnings = 20

interface DocumentsRequest extends RenderRequest {
  /** Called when all files are read: Git can compare them while they are rendered. */
  readonly onRead: () => unknown
}

async function renderDocuments(
  request: DocumentsRequest,
  project: Project,
  facts: RenderContext,
  values: JsonObject
): Promise<RenderedDocuments> {
  const warnings = new Set<string>()
  const input = {
    values: { ...values, ...builtInValues(facts) },
    variables: templateVariables(facts),
    warn: (warning: string) => warnings.size < maxWarnings && warnings.add(warning)
  }
  const documents = await templateDocuments(request, project, facts, { ...input, own: values })
  return { documents, warnings: [...warnings] }
}

type DocumentsInput = TemplateInput & { readonly own: JsonObject }

async function templateDocuments(
  request: DocumentsRequest,
  project: Project,
  facts: RenderContext,
  input: DocumentsInput
): Promise<readonly LocatedDocument[]> {
  const { origin, tree, items } = request
  const { sourcePath } = origin.context
  if (items !== undefined) return renderItems(items, input)
  if (kustomizationIn(tree, sourcePath) !== undefined) {
    refuseWithoutEffect(project, 'kustomization', projectName(request))
    const forms = templateForms(project, projectName(request))
    return renderKustomization({ ...request, sourcePath }, facts, { ...input, forms })
  }
  const folder = tree.nameOf(sourcePath)
  const files = templateFiles(tree, sourcePath, project).map(({ file, form }) => ({
    name: folder === '.' || folder === '' ? file : `${folder}/${file}`,
    text: tree.read(path.posix.join(sourcePath, file)),
    form
  }))
  request.onRead()
  return files.flatMap(({ name, text, form }) => renderTemplate(name, text, input, form))
}

/** Items are not patched here: the tool that they come from has its own patches. */
function patch(
  { items, origin, tree }: RenderRequest,
  project: Project,
  environment: string | undefined,
  manifests: readonly Manifest[]
): readonly Manifest[] {
  if (items !== undefined) return manifests
  const file = tree.nameOf(path.posix.join(origin.context.sourcePath, projectFile))
  const common = applyPatches(manifests, project.patches, file)
  const settings = environment === undefined ? undefined : project.environments.get(environment)
  if (settings === undefined) return common
  return applyPatches(common, settings.patches, `${file}: environments.${environment ?? ''}`)
}
