import path from 'node:path'
import { Fault } from '../../../common/fault.ts'
import { member } from '../../../common/json.ts'
import type { Signing } from '../../../evidence/attestation/signing.ts'
import { helmIn } from '../../helm/run-helm.ts'
import { kustomizeIn } from '../../kustomize/build.ts'
import { describeIdentity, identify } from '../../manifest.ts'
import { noHistory } from '../../origin/history.ts'
import { render } from '../../render.ts'
import type { Rendered } from '../../render.ts'
import { RepositoryTree } from '../../repository/tree.ts'
import type { ValueFile } from '../../sources.ts'
import type { SourceOrigin } from '../source/source-artifact.ts'
import type { ModelRelease } from './model-release.ts'

/** Everything that a release is rendered from. */
export interface RenderInput {
  /** The unpacked source. */
  readonly folder: string
  readonly name: string
  readonly release: ModelRelease
  readonly origin: SourceOrigin
  readonly valueFiles: readonly ValueFile[]
  readonly signing: Signing | undefined
  /** Whether it is a fault if an object that has to be attested is not. */
  readonly isSignatureRequired?: boolean
}

/**
 * Renders a release like Argo CD's plugin renders an Application of the same name, path and commit.
 * Sources of Flux have no history, so the model commit is not known.
 *
 * @throws {Fault} `PATH_NOT_FOUND`, `PATH_OUTSIDE`, and as {@link render}
 */
export async function renderRelease(input: RenderInput): Promise<Rendered> {
  const { folder, name, release, origin, valueFiles, signing } = input
  const { commit, targetRevision, repository } = origin
  const files = new RepositoryTree(folder, treePath => treePath)
  const sourcePath = files.resolve('.', release.path)
  if (files.kindOf(sourcePath) !== 'folder') {
    throw new Fault('PATH_NOT_FOUND', 'the folder does not exist in the source', {
      where: 'spec.path',
      found: JSON.stringify(release.path.slice(0, 200)),
      remedy: 'Check spec.ignore and spec.sparseCheckout of the source, and .sourceignore.'
    })
  }
  const tree = new RepositoryTree(folder, treePath => path.posix.relative(sourcePath, treePath))
  const rendered = await render({
    origin: {
      root: folder,
      context: {
        repository,
        commit,
        targetRevision,
        appName: name,
        namespace: release.targetNamespace,
        project: 'default',
        sourcePath
      },
      environment: release.environment,
      assignments: [],
      history: noHistory(commit)
    },
    tree,
    valueFiles: [...valueFiles, { file: 'spec.values', values: release.values }],
    assignments: [],
    signing,
    requiredSignature: input.isSignatureRequired === true ? 'of release' : undefined,
    kustomize: kustomizeIn(),
    helm: helmIn()
  })
  return { ...rendered, warnings: [...rendered.warnings, ...hookWarnings(rendered)] }
}

/** Only Argo CD runs Helm's hooks; kustomize-controller applies them like all other objects. */
function hookWarnings({ manifests }: Rendered): readonly string[] {
  const hooks = manifests
    .map(({ object }) => object)
    .filter(({ metadata }) => member(member(metadata, 'annotations'), 'helm.sh/hook') !== undefined)
    .map(object => describeIdentity(identify(object)))
  if (hooks.length === 0) return []
  const others = hooks.length > 3 ? ` and ${hooks.length - 3} more` : ''
  return [
    `Flux applies Helm hooks like all other objects: ${hooks.slice(0, 3).join(', ')}${others} (docs/helm.md)`
  ]
}
