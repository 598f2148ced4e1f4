import path from 'node:path'
import { locateYaml } from '../../common/yaml/read.ts'
import type { LocatedDocument } from '../../common/yaml/read.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import type { Chart } from './chart.ts'

const sourceComment = /^# Source: (.+)$/gm

/**
 * Reads the documents that `helm template` printed. Their file name is the template that Helm names above
 * each document.
 *
 * @param texts scalars that stay strings without quotes: the commits
 * @throws {Fault} `YAML_*` with that template's name
 */
export function readHelmOutput(
  yaml: string,
  tree: RepositoryTree,
  chart: Chart,
  texts: ReadonlySet<string>
): readonly LocatedDocument[] {
  const sources = [...yaml.matchAll(sourceComment)].map(match => ({
    offset: match.index,
    file: match[1] ?? ''
  }))
  const locate = (offset: number) => {
    const source = sources.findLast(known => known.offset <= offset)
    return source === undefined ? tree.nameOf(chart.folder) : templateName(source.file, tree, chart)
  }
  return locateYaml(yaml, {
    file: tree.nameOf(chart.folder),
    locate,
    texts,
    exactNumbers: 'integers'
  })
}

/**
 * The name in messages of a file that Helm names with the chart's name, such as `churn/templates/job.yaml`.
 * A file of a packed sub-chart keeps its path in the chart.
 */
export function templateName(helmPath: string, tree: RepositoryTree, chart: Chart): string {
  const inChart = helmPath.startsWith(`${chart.name}/`)
    ? helmPath.slice(chart.name.length + 1)
    : helmPath
  return tree.nameOf(path.posix.join(chart.folder, inChart))
}
