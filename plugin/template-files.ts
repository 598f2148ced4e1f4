import path from 'node:path'
import { bound, Fault } from '../common/fault.ts'
import { biasAuditFiles } from '../evidence/bias-audit/bias-audit.ts'
import { kustomizationFiles } from './kustomize/kustomization.ts'
import { conventions, projectFile } from './project/project.ts'
import type { Project } from './project/project.ts'
import { pathPattern, patternReach } from './repository/glob.ts'
import type { RepositoryTree } from './repository/tree.ts'

/**
 * The template files of an application path, relative to it, in code unit order. Each pattern of the
 * project file must match: a pattern that matches nothing would silently remove objects.
 *
 * @throws {Fault} `PATTERN_UNMATCHED`, `PATH_*`, `FILE_*`
 */
export function templateFiles(
  tree: RepositoryTree,
  sourcePath: string,
  project: Project
): readonly string[] {
  const { include } = project
  const isTemplate = notReserved(project)
  const included = include.map(pathPattern)
  const excluded = project.exclude.map(pathPattern)
  const isIncluded = (file: string) =>
    included.some(matches => matches(file)) &&
    !excluded.some(matches => matches(file)) &&
    isTemplate(file)
  const reaches = include.map(patternReach)
  tree.reach.addSelection(sourcePath, {
    has: isIncluded,
    reaches: folder => reaches.some(reach => reach(folder))
  })
  const isNested = include.some(pattern => pattern.includes('/') || pattern === '**')
  const all = tree.filesBelow(sourcePath, isNested)
  const where = tree.nameOf(path.posix.join(sourcePath, projectFile))
  if (include !== conventions.include)
    refuseUnmatched('include', include, all.filter(isTemplate), where)
  const files = all.filter(isIncluded)
  refuseUnmatched('verbatim', project.verbatim, files, where)
  return files
}

/** Files of the application path that have another meaning are not templates. */
function notReserved(project: Project): (file: string) => boolean {
  const environments = [...project.environments.values()]
  const reserved = new Set(
    [
      projectFile,
      'values.yaml',
      ...project.values,
      ...biasAuditFiles,
      ...(project.biasAudit === undefined ? [] : [project.biasAudit]),
      ...environments.flatMap(({ values }) => values)
    ].map(file => path.posix.normalize(file))
  )
  const kustomizations = new Set<string>(kustomizationFiles)
  return file =>
    !reserved.has(file) &&
    !/^configs\/[^/]+$/.test(file) &&
    !kustomizations.has(path.posix.basename(file))
}

function refuseUnmatched(
  field: 'include' | 'verbatim',
  patterns: readonly string[],
  files: readonly string[],
  where: string
): void {
  const unmatched = patterns.find(pattern => !files.some(pathPattern(pattern)))
  if (unmatched === undefined) return
  throw new Fault('PATTERN_UNMATCHED', 'the pattern matches no template', {
    where,
    found: `templates.${field}: ${JSON.stringify(bound(unmatched, 200))}`,
    expected:
      field === 'include'
        ? 'at least one file below the application path; value files, configs/ and kustomizations are not templates'
        : 'at least one file that templates.include selects',
    remedy: 'Correct or remove the pattern: Argo CD prunes objects that are not in the output.'
  })
}
