import path from 'node:path'
import { kustomizationIn } from '../kustomize/kustomization.ts'
import { projectFile } from '../project/project.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import type { Chart } from './chart.ts'

/**
 * Warnings of objects in an application path whose chart is in another folder: Helm does not see them. They
 * are often left from before the chart, and pruned by Argo CD.
 */
export function unusedObjects(
  tree: RepositoryTree,
  sourcePath: string,
  { folder }: Chart
): readonly string[] {
  if (folder === sourcePath) return []
  const kustomization = kustomizationIn(tree, sourcePath)
  const files = tree
    .list(sourcePath)
    .filter(({ name, kind }) => kind === 'file' && /\.ya?ml$/.test(name) && name !== projectFile)
    .map(({ name }) => path.posix.join(sourcePath, name))
    .filter(file => file === kustomization || isObject(tree.read(file)))
  return files.map(
    file => `${tree.nameOf(file)} is not rendered: the chart is ${tree.nameOf(folder)} (helm.chart)`
  )
}

function isObject(text: string): boolean {
  return /^apiVersion:/m.test(text) && /^kind:/m.test(text)
}
