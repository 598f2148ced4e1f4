import path from 'node:path'
import type { SourceSelection } from '../origin/source-selection.ts'
import { projectFile } from '../project/project.ts'
import type { Project } from '../project/project.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import { evidenceFiles, valueFilePaths, valueFolders } from '../sources.ts'
import { isIdleKind, isIdleName } from './idle-kinds.ts'
import type { GroupKind } from './idle-kinds.ts'
import { literalKinds, showsOtherKind } from './manifest-kinds.ts'
import { chartDefaults, modelValues } from './model-values.ts'
import { compilePattern, insideOf } from './source-pattern.ts'
import type { SourcePattern } from './source-pattern.ts'

/** The selection of an application path's model, and the patterns that it comes from. */
export interface ModelSelection extends SourceSelection {
  /** The application path. */
  readonly sourcePath: string
  readonly project: Project
  readonly patterns: readonly SourcePattern[]
}

/**
 * Selects the files of a model. Never part of it: evidence, mlgitops.yaml, Git's own files, value files that
 * no pattern but `.` reaches, and manifests whose kinds run nothing and name no model. The selection of a
 * commit holds for the trees of its ancestors too.
 *
 * @throws {Fault} `PATH_OUTSIDE`, `PATTERN_INVALID`, `VALUES_KEY`
 */
export function selectSources(
  tree: RepositoryTree,
  sourcePath: string,
  project: Project
): ModelSelection {
  const where = tree.nameOf(path.posix.join(sourcePath, projectFile))
  const { sources } = project.model
  const patterns = (sources ?? defaultSources(tree, sourcePath, project)).map(text =>
    compilePattern(text, sourcePath, where)
  )
  const explicit =
    sources === undefined
      ? []
      : patterns.filter(({ isLiteral, root }) => !isLiteral || root !== sourcePath)
  const never = new Set([
    path.posix.join(sourcePath, projectFile),
    ...evidenceFiles(tree, sourcePath, project)
  ])
  const isValueFile = valueFileTest(tree, sourcePath, project)
  const registry = new Set(project.kinds.map(keyOf))
  return {
    sourcePath,
    project,
    patterns,
    roots: outermost(patterns.map(({ root }) => root)),
    reaches: folder => patterns.some(pattern => pattern.reaches(folder)),
    values: modelValues(tree, sourcePath, project),
    decide: file => {
      if (never.has(file) || gitFile.test(file)) return 'other'
      if (!patterns.some(({ matches }) => matches(file))) return 'other'
      if (isValueFile(file))
        return explicit.some(({ matches }) => matches(file)) ? 'source' : 'other'
      return manifestFile.test(file) ? 'by-content' : 'source'
    },
    isSource: (_file, bytes) => {
      if (showsOtherKind(bytes, isIdleName)) return true
      const kinds = literalKinds(bytes)
      return kinds?.every(kind => isIdleKind(kind) && !registry.has(keyOf(kind))) !== true
    }
  }
}

/** The application path; with a chart elsewhere, also the chart. */
function defaultSources(
  tree: RepositoryTree,
  sourcePath: string,
  { helm }: Project
): readonly string[] {
  if (helm?.chart === undefined) return ['.']
  const isInside = insideOf(sourcePath, tree.resolve(sourcePath, helm.chart)) !== undefined
  return isInside ? ['.'] : ['.', helm.chart]
}

const gitFile = /(?:^|\/)\.git(?:ignore|attributes|modules)$/
const manifestFile = /\.ya?ml$/

function keyOf({ group, kind }: GroupKind): string {
  return `${group}/${kind}`
}

/** The value files of all environments. */
function valueFileTest(
  tree: RepositoryTree,
  sourcePath: string,
  project: Project
): (file: string) => boolean {
  const environments = [undefined, ...project.environments.keys()]
  const files = new Set(
    [
      ...chartDefaults(tree, sourcePath, project),
      ...environments.flatMap(name => valueFilePaths(tree, sourcePath, project, name))
    ].map(({ file }) => file)
  )
  const folders = new Set(
    valueFolders(sourcePath).map(folder => path.posix.join(folder, 'configs'))
  )
  return file => files.has(file) || folders.has(path.posix.dirname(file))
}

/** The paths that are not below another one. */
function outermost(roots: readonly string[]): readonly string[] {
  const unique = [...new Set(roots)]
  return unique.filter(
    root => !unique.some(other => other !== root && insideOf(other, root) !== undefined)
  )
}
