import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { everyFile } from '../repository/reach.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import type { Chart } from './chart.ts'

const maxFiles = 10_000
const maxBytes = 64 * 1024 * 1024

/**
 * The files of a chart and its sub-charts, by their path in the chart, without folders whose name starts
 * with a dot. Links must stay inside the repository.
 *
 * @throws {Fault} `CHART_TOO_LARGE`, `PATH_*`, `FILE_*`
 */
export function chartFiles(tree: RepositoryTree, { folder }: Chart): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  tree.reach.addSelection(folder, everyFile)
  const names = tree.filesBelow(folder, true)
  if (names.length > maxFiles) throw tooLarge(tree, folder, `${names.length} files`)
  let bytes = 0
  for (const name of names) {
    const content = tree.readBytes(path.posix.join(folder, name))
    bytes += content.length
    if (bytes > maxBytes) throw tooLarge(tree, folder, `more than ${maxBytes} bytes`)
    files.set(name, content)
  }
  return files
}

function tooLarge(tree: RepositoryTree, folder: string, found: string): Fault {
  return new Fault('CHART_TOO_LARGE', 'the chart is too large', {
    where: tree.nameOf(folder),
    found,
    expected: `at most ${maxFiles} files and ${maxBytes} bytes`,
    remedy: 'Keep data and code outside the folder of the chart.'
  })
}
