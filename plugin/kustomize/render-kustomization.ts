import { Fault } from '../../common/fault.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { locateYaml } from '../../common/yaml/read.ts'
import type { LocatedDocument } from '../../common/yaml/read.ts'
import type { RenderContext } from '../context.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import { commitTexts } from '../values/built-in.ts'
import { redact } from '../values/redact.ts'
import type { KustomizeBuild } from './build.ts'
import { commitsAsText } from './commits-as-text.ts'
import { collectKustomization, kustomizationIn } from './kustomization.ts'
import type { KustomizationInput } from './kustomization.ts'
import { secretTexts } from './secret-texts.ts'

/** Where a kustomization is, and the program that builds it. */
export interface KustomizationSource {
  readonly tree: RepositoryTree
  readonly sourcePath: string
  readonly kustomize: KustomizeBuild
}

/**
 * Renders the files of the kustomization of an application path and builds it.
 *
 * @param input `own`: the values without the built-in ones, which are removed from messages
 * @throws {Fault} `KUSTOMIZE_*`, `KUSTOMIZATION_UNSUPPORTED`, `TEMPLATE_*`, `YAML_*`, `PATH_*`,
 *   `PATTERN_UNMATCHED`, `FILE_*`
 */
export async function renderKustomization(
  { tree, sourcePath, kustomize }: KustomizationSource,
  facts: RenderContext,
  input: KustomizationInput & { readonly own: JsonObject }
): Promise<readonly LocatedDocument[]> {
  const files = collectKustomization(tree, sourcePath, input)
  const name = tree.nameOf(kustomizationIn(tree, sourcePath) ?? sourcePath)
  const built = await withoutSecrets(
    kustomize(files, sourcePath, file => tree.nameOf(file)),
    () => [input.own, ...secretTexts(files)]
  )
  // A replacement with `create: true` drops the quotes of a commit that has digits only.
  const texts = commitTexts(facts)
  const documents = locateYaml(built, {
    file: name,
    locate: () => name,
    texts,
    exactNumbers: 'integers'
  })
  return documents.map(document => ({
    ...document,
    value: commitsAsText(document.value, texts, name)
  }))
}

/** kustomize quotes what it reads in its messages: values and secrets are taken out again. */
async function withoutSecrets(
  built: Promise<string>,
  secrets: () => readonly JsonValue[]
): Promise<string> {
  try {
    return await built
  } catch (error) {
    if (!(error instanceof Fault) || error.details.found === undefined) throw error
    const found = redact(error.details.found, secrets())
    throw new Fault(error.code, error.message, { ...error.details, found })
  }
}
