import path from 'node:path'
import { stringifyJson } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { describePosition, positionAt } from '../../common/yaml/source-text.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import type { ValueRead } from '../template/source.ts'
import type { Chart } from './chart.ts'
import { builtInsKey } from './settings.ts'

/**
 * The values that the texts of a chart's templates name. Helm says nothing about what it reads; helpers
 * and sub-charts are not followed.
 *
 * @throws {Fault} `FILE_*`, `PATH_*`
 */
export function chartReads(tree: RepositoryTree, chart: Chart): readonly ValueRead[] {
  return templatesOf(tree, chart)
    .filter(({ name }) => name.startsWith('templates/'))
    .flatMap(({ file, text }) =>
      [...text.matchAll(/\.Values((?:\.[A-Za-z_]\w*)+)/g)].map(({ 1: keys = '', index }) => ({
        file: tree.nameOf(file),
        text,
        offset: index,
        keys: keys.slice(1).split('.'),
        where: () => describePosition(tree.nameOf(file), positionAt(text, index))
      }))
    )
}

/**
 * Where a chart or its values name the built-in value `modelCommit`; undefined if nowhere. Helm prints
 * nothing for a value that does not exist, so its use must be found in the text.
 *
 * @throws {Fault} `FILE_*`, `PATH_*`
 */
export function useOfModelCommit(
  tree: RepositoryTree,
  chart: Chart,
  values: JsonObject
): string | undefined {
  if (builtInsKey(chart.settings) === undefined) return undefined
  for (const { file, text } of templatesOf(tree, chart)) {
    const offset = text.indexOf('modelCommit')
    if (offset !== -1) return describePosition(tree.nameOf(file), positionAt(text, offset))
  }
  return stringifyJson(values).includes('modelCommit') ? 'the values of the chart' : undefined
}

function templatesOf(tree: RepositoryTree, { folder }: Chart) {
  return tree
    .filesBelow(folder, true)
    .filter(name => /(?:^|\/)templates\//.test(name))
    .map(name => {
      const file = path.posix.join(folder, name)
      return { name, file, text: tree.readBytes(file).toString('utf8') }
    })
}
