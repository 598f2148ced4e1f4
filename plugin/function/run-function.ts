import { realpathSync } from 'node:fs'
import path from 'node:path'
import type { JsonObject } from '../../common/json.ts'
import type { ScalarStyles } from '../../common/yaml/scalar-styles.ts'
import type { Signing } from '../../evidence/attestation/signing.ts'
import { attestationNotice } from '../attestation.ts'
import { helmIn } from '../helm/run-helm.ts'
import { kustomizeIn } from '../kustomize/build.ts'
import type { ProcessEnvironment } from '../origin/argocd.ts'
import { matchesTarget } from '../patch/target.ts'
import { render } from '../render.ts'
import { RepositoryTree } from '../repository/tree.ts'
import type { FunctionConfig } from './function-config.ts'
import { functionOrigin } from './function-origin.ts'
import { withGenerated } from './generated-items.ts'
import { isForCluster, isFromKustomize } from './resource-list.ts'
import type { FunctionResult } from './resource-list.ts'

/** Who runs the function, and where. */
export interface FunctionCaller {
  readonly env: ProcessEnvironment
  /** The kustomization's root, or the caller's working directory. */
  readonly folder: string
  /** Undefined: nothing is attested. */
  readonly signing?: Signing | undefined
  /** Whether it is a fault if an object that has to be attested is not. */
  readonly isSignatureRequired?: boolean
}

/** The answer of a function. */
export interface FunctionAnswer {
  readonly items: readonly JsonObject[]
  readonly results: readonly FunctionResult[]
}

/**
 * Renders like `mlgitops render`: a generator renders the templates of the application path, a
 * transformer renders the items with the values, patches and evidence of that path. Items that are not
 * for a cluster are not changed.
 *
 * @param styles how the strings of the items are written; undefined if it is not known
 * @throws {Fault} as {@link functionOrigin} and {@link render}
 */
export async function runFunction(
  config: FunctionConfig,
  given: readonly JsonObject[],
  caller: FunctionCaller,
  styles?: ScalarStyles
): Promise<FunctionAnswer> {
  const { env, folder, signing, isSignatureRequired = false } = caller
  const origin = await functionOrigin(config, env, folder)
  const base = path.relative(origin.root, realpathSync(folder)).split(path.sep).join('/')
  const isGenerator = config.kind === 'RenderGenerator'
  const objects = given.filter(isForCluster)
  const { manifests, context, attestation, warnings } = await render({
    origin,
    tree: new RepositoryTree(origin.root, treePath => path.posix.relative(base, treePath) || '.'),
    valueFiles: [{ file: 'spec.values', values: config.values }],
    assignments: [],
    signing,
    kustomize: kustomizeIn(),
    helm: helmIn(),
    requiredSignature: isSignatureRequired ? 'by options' : undefined,
    ...(isGenerator
      ? {}
      : {
          items: {
            objects,
            isVerbatim: object => isVerbatim(config, object),
            stylesOf: object => (isFromKustomize(object) ? undefined : styles)
          }
        })
  })
  const notice = attestationNotice(attestation)
  const rendered = manifests.map(({ object }) => object)
  const done = `rendered ${rendered.length} objects of ${origin.context.sourcePath} at ${context.commit}`
  return {
    items: isGenerator
      ? withGenerated(given, rendered, config.name)
      : [...given.filter(item => !isForCluster(item)), ...rendered],
    results: [
      { message: done, severity: 'info' },
      ...warnings.map(message => ({ message, severity: 'warning' as const })),
      ...(notice === undefined ? [] : [notice])
    ]
  }
}

function isVerbatim({ verbatim }: FunctionConfig, object: JsonObject): boolean {
  return verbatim.some(target => matchesTarget(target, object))
}
