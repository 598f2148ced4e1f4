import path from 'node:path'
import type { JsonObject } from '../common/json.ts'
import type { RenderFacts } from '../evidence/attestation/statement.ts'
import { inspectWorkload } from '../evidence/workload/inspect.ts'
import type { RunText } from '../evidence/workload/workload.ts'
import { registryKindOf, registryUris } from '../evidence/workload/registry.ts'
import { describeIdentity, identify } from './manifest.ts'
import { runGit } from './origin/git.ts'
import { projectFile } from './project/project.ts'
import { render } from './render.ts'
import type { Rendered, RenderRequest } from './render.ts'
import { renderFacts } from './stage/attest.ts'

/** A render with the reasons for what it attests. */
export interface ExplainedModel {
  readonly rendered: Rendered
  readonly sources: readonly ExplainedSource[]
  /** Every object of the render. */
  readonly objects: readonly ExplainedObject[]
}

/** A pattern of `model.sources`. */
export interface ExplainedSource {
  readonly pattern: string
  /** How many files it contributes. */
  readonly files: number
  /** The last commit that changed a file that the pattern matches; null if Git does not know it. */
  readonly lastChange: { readonly commit: string; readonly date: string } | null
}

/** An object of a render. */
export interface ExplainedObject {
  readonly name: string
  readonly object: JsonObject
  readonly images: readonly RunText[]
  readonly models: readonly RunText[]
  /** What a signed render attests about it; undefined if it attests nothing. */
  readonly facts: RenderFacts | undefined
}

/**
 * Renders an application path, and returns with the objects what a signed render attests about them, by
 * the same functions, also where nothing can be attested.
 *
 * @throws {Fault} as `render`
 */
export async function explainModel(request: RenderRequest): Promise<ExplainedModel> {
  const rendered = await render(request)
  const { context, identity, evidence } = rendered
  const objects = rendered.manifests.map(manifest => {
    const { object } = manifest
    const workload = inspectWorkload(object)
    const registry = registryKindOf(identify(object), evidence.registryKinds)
    return {
      name: describeIdentity(identify(object)),
      object,
      images: workload?.images ?? [],
      models:
        workload?.models ??
        (registry === undefined ? [] : registryUris(object, registry.uris).uris),
      facts: renderFacts(manifest, { context, history: identity.history }, evidence)
    }
  })
  return { rendered, objects, sources: await explainSources(request, rendered) }
}

function explainSources(
  { origin }: RenderRequest,
  { context, identity, evidence }: Rendered
): Promise<readonly ExplainedSource[]> {
  const { sourcePath, commit } = context
  const excluded = [projectFile, ...evidence.files.map(file => file.path)].map(
    file => `:(exclude,top,literal)${path.posix.join(sourcePath, file)}`
  )
  return Promise.all(
    identity.sources.patterns.map(async ({ pattern, files }) => {
      const matched = path.posix.join(sourcePath, pattern)
      const pathspec = matched === '.' ? ':(top)' : `:(top,glob)${matched.replace(/\/$/, '')}`
      const log = await runGit(origin.root, [
        ...['-c', 'safe.directory=*', 'log', '-1', '--format=%H %cI', commit],
        ...['--', pathspec, ...excluded]
      ])
      const [changed = '', date = ''] = log.kind === 'output' ? log.text.trim().split(' ') : []
      return { pattern, files, lastChange: date === '' ? null : { commit: changed, date } }
    })
  )
}
