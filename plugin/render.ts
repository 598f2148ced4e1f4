import path from 'node:path'
import { Fault, bound, isFault, listNames } from '../common/fault.ts'
import { startOnce } from '../common/start-once.ts'
import type { Signing } from '../evidence/attestation/signing.ts'
import { requireAttestation } from './attestation.ts'
import type { Attestation, KeyPlace } from './attestation.ts'
import type { RenderContext } from './context.ts'
import { findChart } from './helm/chart.ts'
import type { HelmTemplate } from './helm/run-helm.ts'
import type { Items } from './items.ts'
import type { KustomizeBuild } from './kustomize/build.ts'
import type { Manifest } from './manifest.ts'
import { identifyModel, knownCommit, refuseIncomparable } from './model-identity.ts'
import type { ModelIdentity } from './model-identity.ts'
import { absentFile, notCheckedOut } from './origin/absent-files.ts'
import type { Changes, Origin } from './origin/origin.ts'
import { applyPatches } from './patch/apply.ts'
import { conventions, parseProject, projectFile } from './project/project.ts'
import type { Project } from './project/project.ts'
import { renderDocuments } from './render-documents.ts'
import { readOwnValues } from './render-values.ts'
import { RepositoryTree } from './repository/tree.ts'
import * as sources from './sources.ts'
import { attest } from './stage/attest.ts'
import type { ModelEvidence } from './stage/attest.ts'
import { checkManifests, readManifests } from './stage/check.ts'
import { checkMetadata } from './stage/metadata.ts'
import { stamp } from './stage/stamp.ts'
import { refuseWithoutEffect } from './template-forms.ts'
import type { Assignment } from './values/assignment.ts'

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
  /** If it is a fault that an object that has to be attested is not: where a key would be named. */
  readonly requiredSignature?: KeyPlace | undefined
  /** True to read no evidence: the render is for a new audit, and the old one may be missing or invalid. */
  readonly ignoresEvidence?: true
}

/** The result of a render. */
export interface Rendered {
  readonly manifests: readonly Manifest[]
  readonly context: RenderContext
  readonly attestation: Attestation
  readonly identity: ModelIdentity
  readonly evidence: ModelEvidence
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
  const { origin, tree, items } = request
  const { sourcePath } = origin.context
  const project = readProject(tree, sourcePath)
  const environment = checkEnvironment(request, project)
  const chart = items === undefined ? findChart(tree, sourcePath, project) : undefined
  if (chart !== undefined) refuseWithoutEffect(project, 'chart', projectName(request))
  const evidence =
    request.ignoresEvidence === true
      ? sources.noEvidence(project)
      : sources.readEvidence(tree, sourcePath, project)
  const [identity, own] = await Promise.all([
    identifyModel(request, project),
    readOwnValues({
      ...request,
      ...{ sourcePath, project, environment, chart },
      assignments: [...origin.assignments, ...request.assignments]
    })
  ])
  refuseIncomparable(evidence, identity, tree)
  const modelCommit = knownCommit(identity)
  const facts = {
    ...origin.context,
    ...{ environment, modelCommit, modelDigest: identity.digest, isDirty: false }
  }
  const committed = startOnce(() => committedAtOf(request, identity))
  void committed()
  const compare = startOnce(() => origin.history.changes(tree.reach))
  const stages = { ...request, project, chart, identity, own, onRead: compare }
  const { documents, warnings } = await renderDocuments(stages, facts)
  const [changes, committedAt] = await Promise.all([compare(), committed(), refuseAbsent(request)])
  const context = {
    ...facts,
    isDirty: changes.kind !== 'none',
    ...(committedAt === undefined ? {} : { committedAt })
  }
  const patched = patch(request, project, environment, readManifests(documents))
  checkMetadata(patched)
  const stamped = stamp(patched, context, project.stampPodTemplates)
  const attestation = attestationOf(changes, request)
  requireAttestation(stamped, attestation, project.kinds, request.requiredSignature)
  const signed =
    request.signing === undefined || attestation.kind !== 'signed'
      ? stamped
      : await attest(stamped, { context, history: identity.history }, evidence, request.signing)
  checkManifests(signed, tree.nameOf(sourcePath), context.namespace)
  return {
    manifests: signed,
    context,
    attestation,
    identity,
    evidence,
    warnings: [
      ...project.warnings,
      ...sources.evidenceWarnings(evidence, tree, sourcePath),
      ...identity.sources.warnings,
      ...warnings
    ]
  }
}

/** Only an attestation says when the commit was made. */
async function committedAtOf(
  { signing }: RenderRequest,
  { history }: ModelIdentity
): Promise<string | undefined> {
  return signing === undefined ? undefined : history.committedAt()
}

function attestationOf(changes: Changes, { tree, signing }: RenderRequest): Attestation {
  switch (changes.kind) {
    case 'preview':
      return changes
    case 'files':
      return { kind: 'changed', files: changes.files.map(file => tree.nameOf(file)) }
    case 'none':
      return { kind: signing === undefined ? 'no-key' : 'signed' }
  }
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
