import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { isJsonObject, stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { kustomizationIn } from '../kustomize/kustomization.ts'
import { projectFile } from '../project/project.ts'
import type { Project } from '../project/project.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import type { HelmSettings } from './settings.ts'

/** A Helm chart of the repository, and its settings. */
export interface Chart {
  /** The tree path of its folder. */
  readonly folder: string
  /** The content of `Chart.yaml`. */
  readonly metadata: JsonObject
  /** Its name in `Chart.yaml`; every path that Helm prints starts with it. */
  readonly name: string
  readonly settings: HelmSettings
}

const chartFile = 'Chart.yaml'

/**
 * The chart of an application path: the one that `helm.chart` names, or the path itself if it has a
 * Chart.yaml. Undefined if there is none.
 *
 * @throws {Fault} `CHART_INVALID`, `CHART_AMBIGUOUS` for a path that also has a kustomization, `PATH_*`
 */
export function findChart(
  tree: RepositoryTree,
  sourcePath: string,
  project: Project
): Chart | undefined {
  const settings = project.helm
  const folder = tree.resolve(sourcePath, settings?.chart ?? '.')
  const file = path.posix.join(folder, chartFile)
  if (tree.kindOf(folder) === 'file' || tree.kindOf(file) !== 'file') {
    if (settings === undefined) return undefined
    throw new Fault('CHART_INVALID', 'the chart has no Chart.yaml', {
      where: tree.nameOf(path.posix.join(sourcePath, projectFile)),
      found: `helm.chart: ${settings.chart ?? '.'}`,
      remedy: 'Set helm.chart to the folder of a chart, relative to the application path.'
    })
  }
  const kustomization = kustomizationIn(tree, sourcePath)
  if (kustomization !== undefined && settings === undefined) {
    throw new Fault('CHART_AMBIGUOUS', 'the application path has a chart and a kustomization', {
      where: tree.nameOf(kustomization),
      remedy: 'Move one of them, or choose the chart: helm: {chart: .} in mlgitops.yaml.'
    })
  }
  const metadata = readMetadata(tree, file)
  const name = stringMember(metadata, 'name') ?? ''
  if (name !== '') return { folder, metadata, name, settings: settings ?? {} }
  throw new Fault('CHART_INVALID', 'Chart.yaml has no name', { where: tree.nameOf(file) })
}

function readMetadata(tree: RepositoryTree, file: string): JsonObject {
  const [document] = readYaml(tree.read(file), { file: tree.nameOf(file), literalKeys: true })
  if (isJsonObject(document?.value)) return document.value
  throw new Fault('CHART_INVALID', 'Chart.yaml must be a mapping', { where: tree.nameOf(file) })
}
