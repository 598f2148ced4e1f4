import path from 'node:path'
import { biasAuditFiles } from '../evidence/bias-audit/bias-audit.ts'
import { kustomizationFiles } from './kustomize/kustomization.ts'
import { conventions, projectFile } from './project/project.ts'
import type { Project } from './project/project.ts'
import { pathPattern, patternReach } from './repository/glob.ts'
import { refuseUnmatched, templateForms } from './template-forms.ts'
import type { TemplateForm } from './template/render-template.ts'
import type { RepositoryTree } from './repository/tree.ts'

/** A template file: its path relative to the application path, and how it is read. */
export interface TemplateFile {
  readonly file: string
  readonly form: TemplateForm
}

/**
 * The template files of an application path, in code unit order. Each pattern of the project file must
 * match: a pattern that matches nothing would silently remove objects.
 *
 * @throws {Fault} `PATTERN_UNMATCHED`, `PROJECT_INVALID` for a file in two lists, `PATH_*`, `FILE_*`
 */
export function templateFiles(
  tree: RepositoryTree,
  sourcePath: string,
  project: Project
): readonly TemplateFile[] {
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
  if (include !== conventions.include) {
    const expected =
      'at least one file below the application path; value files, configs/ and kustomizations are not templates'
    refuseUnmatched(
      { field: 'include', patterns: include, expected },
      all.filter(isTemplate),
      where
    )
  }
  const files = all.filter(isIncluded)
  const forms = templateForms(project, where)
  forms.refuseUnmatched(files, 'at least one file that templates.include selects')
  return files.map(file => ({ file, form: forms.of(file) }))
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
