import type { JsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { run } from '../run.ts'

/** The manifests of an application path in one environment. */
export interface Rendered {
  readonly text: string
  readonly objects: readonly JsonObject[]
}

/**
 * `mlgitops render`, signed.
 *
 * @throws {Error} with its message where it fails
 */
export async function renderSigned(
  folder: string,
  application: string,
  { environment, key }: { readonly environment: string; readonly key: string }
): Promise<Rendered> {
  const args = ['render', application, '--environment', environment, '--key', key]
  const { stdout, stderr, exitCode } = await run({ args, env: {}, folder })
  if (exitCode !== 0) throw new Error(stderr)
  const documents = readYaml(stdout, { file: application })
  return { text: stdout, objects: documents.map(({ value }) => value as JsonObject) }
}
