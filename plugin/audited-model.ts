import path from 'node:path'
import type { JsonObject } from '../common/json.ts'
import type { AuditedModel } from '../evidence/audit/audited-model.ts'
import { coverOf } from '../evidence/bias-audit/cover.ts'
import { inspectWorkload } from '../evidence/workload/inspect.ts'
import { registryKindOf, registryUris } from '../evidence/workload/registry.ts'
import { helmIn } from './helm/run-helm.ts'
import { kustomizeIn } from './kustomize/build.ts'
import { identify } from './manifest.ts'
import { digestCommand } from './model-digest/digest-command.ts'
import { applicationFolder, localOrigin, workTreeAround } from './origin/work-tree.ts'
import type { Origin } from './origin/origin.ts'
import type { Project } from './project/project.ts'
import { readProject, render } from './render.ts'
import type { Rendered } from './render.ts'
import { RepositoryTree } from './repository/tree.ts'
import { knownEnvironments } from './sources.ts'
import { folderName } from './stage/attest.ts'
import { commitPins } from './stage/commit-pins.ts'

/** A commit of no repository, for files without Git. */
const noCommit = '0'.repeat(40)

/**
 * Says what an audit of an application path is about: the model's name and digest, and the models and
 * images that it serves in any environment and that the digest does not name already.
 *
 * @param target the application path, relative to `folder`
 * @param findsArtifacts false to leave them out, which renders nothing
 * @throws {Fault} as `mlgitops digest` and {@link render}
 */
export async function auditedModel(
  target: string,
  folder: string,
  findsArtifacts: boolean
): Promise<AuditedModel> {
  const digested = await digestCommand({ args: [target], env: {}, folder })
  const digest = digested.stdout.trim()
  const origin = await originOf(target, folder)
  const { root, context } = origin
  const { sourcePath } = context
  const tree = new RepositoryTree(
    root,
    treePath => path.relative(folder, path.join(root, treePath)) || '.'
  )
  const project = readProject(tree, sourcePath)
  const name = project.model.name ?? folderName(context) ?? path.basename(root)
  const known = knownEnvironments(tree, sourcePath, project)
  const environments = known.length === 0 ? [undefined] : known
  const uris = new Set<string>()
  for (const environment of findsArtifacts ? environments : []) {
    const rendered = await renderIn({ ...origin, environment }, tree)
    for (const uri of unnamedUris(rendered, project, digest)) uris.add(uri)
  }
  return { name, digest, artifacts: [...uris].map(uri => ({ uri })), messages: digested.stderr }
}

async function originOf(target: string, folder: string): Promise<Origin> {
  const options = { path: target, callerFolder: folder }
  const workTree = await workTreeAround(applicationFolder(options))
  return localOrigin({
    ...options,
    environment: undefined,
    revision: workTree === undefined ? noCommit : undefined,
    repoUrl: undefined,
    namespace: undefined,
    appName: undefined
  })
}

function renderIn(origin: Origin, tree: RepositoryTree): Promise<Rendered> {
  return render({
    origin,
    tree,
    valueFiles: [],
    assignments: [],
    signing: undefined,
    ignoresEvidence: true,
    kustomize: kustomizeIn(),
    helm: helmIn()
  })
}

/** What a render serves and neither the commits of the model nor its digest name. */
function unnamedUris(
  { manifests, context, identity }: Rendered,
  project: Project,
  modelDigest: string
): readonly string[] {
  const { commit, modelCommit } = context
  return manifests.flatMap(({ object }) => {
    const { uris, images } = servedBy(object, project)
    const pins = commitPins(images, uris, identity.history)
    const cover = coverOf({ modelDigest }, { commit, modelCommit, modelDigest, pins })
    return [
      ...uris.filter(uri => cover.uri(uri) !== 'covered'),
      ...images.filter(image => cover.image(image) !== 'covered')
    ]
  })
}

/** The model URIs of what serves, and of registry entries; the images of what serves without a URI. */
function servedBy(object: JsonObject, project: Project) {
  const workload = inspectWorkload(object)
  const registryKind = registryKindOf(identify(object), project.kinds)
  const isServing = workload?.role === 'serve' || workload?.role === 'run'
  const { models, images } = isServing ? workload : { models: [], images: [] }
  const named = registryKind === undefined ? [] : registryUris(object, registryKind.uris).uris
  const uris = [...models, ...named].map(({ value }) => value)
  return { uris, images: uris.length > 0 ? [] : images.map(({ value }) => value) }
}
