import { bound, Fault } from '../common/fault.ts'
import type { Project } from './project/project.ts'
import { pathPattern } from './repository/glob.ts'
import type { TemplateForm } from './template/render-template.ts'

/** The forms of the files of an application path. */
export interface TemplateForms {
  /**
   * The form of a file, by its path relative to the application path.
   *
   * @throws {Fault} `PROJECT_INVALID` for a file in both lists
   */
  readonly of: (file: string) => TemplateForm
  /** Refuses patterns that match none of the files. @throws {Fault} `PATTERN_UNMATCHED` */
  readonly refuseUnmatched: (files: readonly string[], expected: string) => void
}

/**
 * The forms that `templates.verbatim` and `templates.variables` give to files.
 *
 * @param where the name of the project file in messages
 */
export function templateForms(project: Project, where: string): TemplateForms {
  const verbatim = project.verbatim.map(pathPattern)
  const variables = project.variables.map(pathPattern)
  return {
    of: file => {
      const isVerbatim = verbatim.some(matches => matches(file))
      if (!variables.some(matches => matches(file))) return isVerbatim ? 'verbatim' : 'expressions'
      if (!isVerbatim) return 'variables'
      throw new Fault(
        'PROJECT_INVALID',
        'a file is in templates.verbatim and in templates.variables',
        {
          where,
          found: bound(file, 200),
          remedy:
            'Remove it from one of the two: variables also replaces ${GIT_COMMIT} and the others.'
        }
      )
    },
    refuseUnmatched: (files, expected) => {
      for (const field of ['verbatim', 'variables'] as const)
        refuseUnmatched({ field, patterns: project[field], expected }, files, where)
    }
  }
}

/** Patterns of a field of `templates`. */
export interface Patterns {
  readonly field: 'include' | 'verbatim' | 'variables'
  readonly patterns: readonly string[]
  /** What a pattern must match, for messages. */
  readonly expected: string
}

/** Refuses patterns that match no file. @throws {Fault} `PATTERN_UNMATCHED` */
export function refuseUnmatched(
  { field, patterns, expected }: Patterns,
  files: readonly string[],
  where: string
): void {
  const unmatched = patterns.find(pattern => !files.some(pathPattern(pattern)))
  if (unmatched === undefined) return
  throw new Fault('PATTERN_UNMATCHED', 'the pattern matches no template', {
    where,
    found: `templates.${field}: ${JSON.stringify(bound(unmatched, 200))}`,
    expected,
    remedy: 'Correct or remove the pattern: Argo CD prunes objects that are not in the output.'
  })
}

/**
 * Refuses settings of `templates` that cannot have an effect: a chart has its own templates, and a
 * kustomization names its files.
 *
 * @throws {Fault} `PROJECT_INVALID`
 */
export function refuseWithoutEffect(
  project: Project,
  kind: 'chart' | 'kustomization',
  where: string
): void {
  const fields =
    kind === 'chart'
      ? (['include', 'exclude', 'verbatim', 'variables'] as const)
      : (['include', 'exclude'] as const)
  const used = fields.find(field => project.given.has(field))
  if (used === undefined) return
  throw new Fault('PROJECT_INVALID', `templates.${used} has no effect on a ${kind}`, {
    where,
    found: `the application path has a ${kind}`,
    remedy:
      kind === 'chart'
        ? 'Remove it: helm renders every template of the chart, and ${…} is not replaced there. Use .Values.mlgitops.gitCommit (docs/helm.md).'
        : 'Remove it: the files are those that the kustomization names.'
  })
}
