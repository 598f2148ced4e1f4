import { fairnessMetrics, impactRatios } from '../bias-audit/metrics.ts'
import type { FairnessMetrics, GroupCounts } from '../bias-audit/metrics.ts'
import type { BiasAudit } from '../bias-audit/bias-audit.ts'
import { wilsonInterval } from './interval.ts'
import { missingGroup } from '../bias-audit/group-figures.ts'
import type { Tally, TalliedAttribute } from './tally.ts'

/** Facts about an audit besides its counts. */
export type AuditFacts = Pick<
  BiasAudit,
  'model' | 'modelCommit' | 'modelDigest' | 'artifacts' | 'date' | 'auditor' | 'minimumGroupSize'
> & { readonly dataset: Omit<BiasAudit['dataset'], 'rows'> }

/** Builds the audit for `bias_audit.md`. */
export function auditOf(tally: Tally, facts: AuditFacts): BiasAudit {
  const { model, modelCommit, modelDigest, artifacts, dataset, ...rest } = facts
  const missing = Math.max(...tally.attributes.map(attribute => attribute.missing))
  return {
    model,
    ...(modelCommit === undefined ? {} : { modelCommit }),
    ...(modelDigest === undefined ? {} : { modelDigest }),
    ...(artifacts === undefined ? {} : { artifacts }),
    ...rest,
    dataset: { ...dataset, rows: tally.rows },
    unknownCount: missing,
    attributes: tally.attributes.map(({ name, columns, groups }) => {
      const ratios = impactRatios(groups)
      return {
        name,
        ...(columns.length > 1 ? { intersectionOf: columns } : {}),
        groups: groups.map((group, at) => ({ ...group, impact_ratio: ratios[at] ?? null })),
        metrics: fairnessMetrics(groups)
      }
    })
  }
}

/** Reasons to doubt the figures of a group. */
export type GroupFlag = 'small' | 'missing' | 'no positive labels' | 'no negative labels'

/** Returns the flags of one group. */
export function flagsOf(
  { name, n, tp, fp, fn, tn }: GroupCounts & { readonly name: string },
  minimumGroupSize: number
): readonly GroupFlag[] {
  const flags: GroupFlag[] = []
  if (n < minimumGroupSize) flags.push('small')
  if (name.split(',').includes(missingGroup)) flags.push('missing')
  if (tp + fn === 0) flags.push('no positive labels')
  if (fp + tn === 0) flags.push('no negative labels')
  return flags
}

interface AttributeFigures {
  readonly metrics: FairnessMetrics
  readonly groups: Readonly<Record<string, GroupCounts>>
  readonly impactRatios: Readonly<Record<string, number | null>>
  readonly selectionRateIntervals: Readonly<Record<string, readonly [number, number]>>
  readonly flags: Readonly<Record<string, readonly GroupFlag[]>>
}

/** Formats the figures as JSON, by column and group. A group named `__proto__` is a normal group. */
export function jsonReport(tally: Tally, facts: AuditFacts): string {
  const figures = tally.attributes.map(attribute => [
    attribute.name,
    figuresOf(attribute, facts.minimumGroupSize ?? 0)
  ]) as readonly (readonly [string, AttributeFigures])[]
  const part = (key: keyof AttributeFigures) =>
    record(figures.map(([name, each]) => [name, each[key]] as const))
  const { model, modelCommit, modelDigest, artifacts, date } = facts
  const { auditor, dataset, minimumGroupSize } = facts
  const report = {
    model,
    modelCommit,
    modelDigest,
    artifacts,
    date,
    auditor,
    dataset: { ...dataset, rows: tally.rows },
    minimumGroupSize,
    missing: record(tally.attributes.map(({ name, missing }) => [name, missing] as const)),
    metrics: part('metrics'),
    groups: part('groups'),
    impactRatios: part('impactRatios'),
    selectionRateIntervals: part('selectionRateIntervals'),
    flags: part('flags')
  }
  return `${JSON.stringify(report, null, 2)}\n`
}

function figuresOf({ groups }: TalliedAttribute, minimumGroupSize: number): AttributeFigures {
  const ratios = impactRatios(groups)
  const by = <Value>(value: (group: (typeof groups)[number], at: number) => Value) =>
    record(groups.map((group, at) => [group.name, value(group, at)] as const))
  return {
    metrics: fairnessMetrics(groups),
    groups: by(({ n, selected, tp, fp, fn, tn }) => ({ n, selected, tp, fp, fn, tn })),
    impactRatios: by((_, at) => ratios[at] ?? null),
    selectionRateIntervals: by(({ selected, n }) => {
      const { low, high } = wilsonInterval(selected, n)
      return [low, high] as const
    }),
    flags: by(group => flagsOf(group, minimumGroupSize))
  }
}

/** Has no prototype, so that no name is special. */
function record<Value>(entries: readonly (readonly [string, Value])[]): Record<string, Value> {
  const made = Object.create(null) as Record<string, Value>
  for (const [key, value] of entries) made[key] = value
  return made
}
