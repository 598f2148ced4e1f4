import type { JsonObject } from '../../common/json.ts'
import { writeYaml } from '../../common/yaml/write.ts'
import type { AuditedAttribute, AuditedGroup, BiasAudit } from '../bias-audit/bias-audit.ts'
import { fairnessMetrics } from '../bias-audit/metrics.ts'
import type { FairnessMetrics } from '../bias-audit/metrics.ts'
import { wilsonInterval } from './interval.ts'
import { flagsOf } from './report.ts'
import { missingGroup } from '../bias-audit/group-figures.ts'

const described: readonly (readonly [keyof FairnessMetrics, string])[] = [
  ['demographic_parity_difference', 'highest minus lowest selection rate'],
  ['demographic_parity_ratio', 'lowest over highest selection rate'],
  ['equalized_odds_difference', 'the larger difference of true and false positive rates'],
  ['equalized_odds_ratio', 'the smaller ratio of true and false positive rates'],
  ['equal_opportunity_difference', 'highest minus lowest true positive rate'],
  ['equal_opportunity_ratio', 'lowest over highest true positive rate']
]

/** The four-fifths rule of 29 CFR 1607.4 (D). */
const fourFifths = 0.8

/** Formats `bias_audit.md`: YAML front matter for machines, then Markdown for people. */
export function markdownReport(audit: BiasAudit): string {
  const header = { apiVersion: 'mlgitops.io/v1alpha1', kind: 'BiasAudit', ...audit }
  const { model, date, auditor, dataset, minimumGroupSize = 0 } = audit
  const independence = auditor.independent ? 'independent of the model' : 'not independent'
  return [
    `---\n${writeYaml(header as unknown as JsonObject)}---`,
    `# Bias audit: ${escaped(model.name)} ${escaped(model.version)}`,
    `Made on ${date} by ${escaped(auditor.name)} (${independence}) from ${dataset.rows} rows of ${escaped(dataset.name)}, with \`mlgitops audit\`.`,
    ...audit.attributes.flatMap(attribute => section(attribute, minimumGroupSize)),
    '## How to read it',
    'A selection rate is the share of a group that the model predicts as 1; its interval is the 95 % interval (Wilson). The impact ratio is a group’s selection rate over the highest one (6 RCNY 5-300). Metrics have the names and conventions of Fairlearn: a rate without cases counts as 0.'
  ]
    .join('\n\n')
    .concat('\n')
}

function section(attribute: AuditedAttribute, minimumGroupSize: number): readonly string[] {
  const metrics = fairnessMetrics(attribute.groups)
  const warnings = attribute.groups.flatMap(group => warningsOf(group, minimumGroupSize))
  return [
    `## By ${attribute.name.split(',').map(escaped).join(' and ')}`,
    table(
      [
        'group',
        'rows',
        'selected',
        'selection rate',
        '95 % interval',
        'impact ratio',
        'true positive rate',
        'false positive rate'
      ],
      attribute.groups.map(groupRow)
    ),
    table(
      ['metric', 'value', 'meaning'],
      described.map(([name, text]) => [`\`${name}\``, figure(metrics[name]), text])
    ),
    ...(warnings.length > 0 ? [warnings.map(text => `- ${text}`).join('\n')] : [])
  ]
}

function groupRow(group: AuditedGroup): readonly string[] {
  const { name, n, selected, tp, fp, fn, tn, impact_ratio: ratio = null } = group
  const { low, high } = wilsonInterval(selected, n)
  const rate = (part: number, whole: number) => (whole === 0 ? 'nobody' : percent(part / whole))
  return [
    escaped(name),
    String(n),
    String(selected),
    percent(selected / n),
    `${percent(low)} to ${percent(high)}`,
    `${figure(ratio)}${ratio !== null && ratio < fourFifths ? ' (below four fifths)' : ''}`,
    rate(tp, tp + fn),
    rate(fp, fp + tn)
  ]
}

function warningsOf(group: AuditedGroup, minimumGroupSize: number): readonly string[] {
  const name = escaped(group.name)
  return flagsOf(group, minimumGroupSize).map(flag => {
    switch (flag) {
      case 'small':
        return `${name} has ${group.n} rows, fewer than ${minimumGroupSize}: too few to judge by.`
      case 'missing':
        return `${name} contains rows without a value (${missingGroup}); they are counted, not dropped.`
      case 'no positive labels':
        return `${name} has no row whose label is 1: its true positive rate counts as 0.`
      case 'no negative labels':
        return `${name} has no row whose label is 0: its false positive rate counts as 0.`
    }
  })
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function figure(value: number | null): string {
  return value === null ? 'not defined' : value.toFixed(6)
}

/** Escapes names from the data: none may start a table, a link or HTML. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>()#|!&~]/g, '\\$&')
}
