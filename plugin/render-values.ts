import type { JsonObject } from '../common/json.ts'
import { chartValues } from './helm/chart-values.ts'
import type { Chart } from './helm/chart.ts'
import { chartDefaults } from './model-sources/model-values.ts'
import type { ValueLayer } from './model-sources/uncovered-values.ts'
import type { Project } from './project/project.ts'
import type { RepositoryTree } from './repository/tree.ts'
import { readValueFiles, readValuesSchemas, valueFilePaths, valueFolders } from './sources.ts'
import type { ValueFile } from './sources.ts'
import { assignValues } from './values/assign.ts'
import type { Assignment } from './values/assignment.ts'
import { setAt } from './values/key-path.ts'
import { readTexts } from './values/read-texts.ts'
import { validateValues } from './values/schema.ts'

/** Where the values of a render come from. */
export interface ValueInputs {
  readonly tree: RepositoryTree
  readonly sourcePath: string
  readonly project: Project
  readonly environment: string | undefined
  readonly chart: Chart | undefined
  /** Files of the caller, which override the repository's. */
  readonly valueFiles: readonly ValueFile[]
  /** Values set by name, which override all files. */
  readonly assignments: readonly Assignment[]
}

/** The values of a render without the built-in ones, merged and by their origin. */
export interface OwnValues {
  readonly values: JsonObject
  readonly layers: readonly ValueLayer[]
}

/**
 * Reads the values of a render. A chart's values are validated by Helm, which knows the chart's defaults.
 *
 * @throws {Fault} `VALUES_*`, `YAML_*`, `FILE_*`, `PATH_*`
 */
export async function readOwnValues(inputs: ValueInputs): Promise<OwnValues> {
  const { tree, sourcePath, project, environment, chart, valueFiles, assignments } = inputs
  const paths = valueFilePaths(tree, sourcePath, project, environment)
  const files = [...readValueFiles(tree, paths), ...valueFiles]
  const schemas = readValuesSchemas(
    tree,
    chart === undefined ? valueFolders(sourcePath) : [chart.folder]
  )
  const set = await readTexts(assignments, schemas)
  const layers = layersOf([...readDefaults(inputs), ...files], set)
  if (chart !== undefined) return { values: chartValues(files, set, chart.settings), layers }
  const values = assignValues(files, set)
  for (const schema of schemas) await validateValues(schema, values)
  return { values, layers }
}

function readDefaults({ tree, sourcePath, project, chart }: ValueInputs): readonly ValueFile[] {
  return chart === undefined ? [] : readValueFiles(tree, chartDefaults(tree, sourcePath, project))
}

function layersOf(files: readonly ValueFile[], set: readonly Assignment[]): readonly ValueLayer[] {
  return [
    ...files.map(({ file, ...rest }) => ({ name: file, ...rest })),
    ...set.map(({ keys, value, where }) => ({ name: where, values: setAt({}, keys, value, where) }))
  ]
}
