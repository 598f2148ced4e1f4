import type { Analyst, Rollout } from '../analyst.ts'
import { variants } from '../counter/outcome.ts'
import { worstVerdict } from '../judge/verdict.ts'
import type { ObjectiveVerdict } from '../judge/verdict.ts'
import type { Analysis } from '../settings/analysis.ts'
import { namesOf } from '../settings/names.ts'
import { failThreshold, passThreshold } from '../statistics/budget.ts'
import { addDrift, driftFamilies } from './drift-metrics.ts'
import { Exposition, labelText } from './exposition.ts'

type Reader = Pick<Analyst, 'rollouts' | 'judge' | 'score' | 'drift'>

/** More are left out, those first of which nothing was heard for longest. */
const maxRollouts = 1_000
/** A run of which nothing was heard for so long is not shown any more. */
const shownMs = 86_400_000
const quantiles = [0.5, 0.9, 0.95, 0.99]
const ratios = ['precision', 'recall', 'accuracy', 'error-rate'] as const
const verdicts = ['pass', 'fail', 'inconclusive', 'no-data'] as const

const model = ['namespace', 'name', 'model', 'commit']
const evidence = [...model, 'metric', 'versus', 'boundary']

/** The metrics of models, with their labels. */
export const modelFamilies: readonly {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}[] = [
  {
    name: 'mlgitops_analysis_rollouts',
    help: 'Rollouts with a run: all that are known, and those shown in the metrics of models.',
    labels: ['state']
  },
  {
    name: 'mlgitops_model_precision',
    help: 'Share of positive predictions whose label is positive.',
    labels: [...model, 'variant']
  },
  {
    name: 'mlgitops_model_recall',
    help: 'Share of positive labels that were predicted.',
    labels: [...model, 'variant']
  },
  {
    name: 'mlgitops_model_accuracy',
    help: 'Share of labelled predictions that are right.',
    labels: [...model, 'variant']
  },
  {
    name: 'mlgitops_model_error_rate',
    help: 'Share of predictions that are errors.',
    labels: [...model, 'variant']
  },
  {
    name: 'mlgitops_model_predict_latency_ms',
    help: 'Latency of predictions in milliseconds, within 1 %.',
    labels: [...model, 'variant', 'quantile']
  },
  {
    name: 'mlgitops_model_evidence_ln',
    help: 'Natural logarithm of the evidence (an e-value) that an objective fails or passes.',
    labels: evidence
  },
  {
    name: 'mlgitops_model_evidence_boundary_ln',
    help: 'Where that evidence is proof.',
    labels: evidence
  },
  {
    name: 'mlgitops_model_verdict',
    help: '1 for the verdict on the newest run.',
    labels: [...model, 'verdict']
  },
  ...driftFamilies.map(family => ({ ...family, labels: [...model, ...family.labels] }))
]

/**
 * Gauges of each model that is rolled out, judged when they are read: what reading costs depends on the
 * number of rollouts, not of events, and at most 1,000 rollouts of the last day are shown. Drift is shown
 * of those that were silent for longer too, for a model that was promoted is asked about no more.
 */
export function modelMetrics(analyst: Reader, nowMs: number): string {
  const known = analyst.rollouts()
  const newest = known
    .toSorted((a, b) => b.run.row.lastHookMs - a.run.row.lastHookMs)
    .slice(0, maxRollouts)
  const shown = newest.filter(({ run }) => nowMs - run.row.lastHookMs <= shownMs)
  const text = new Exposition()
  for (const { name, help } of modelFamilies) text.declare(name, help)
  text.add('mlgitops_analysis_rollouts', 'state="known"', known.length)
  text.add('mlgitops_analysis_rollouts', 'state="shown"', shown.length)
  for (const rollout of shown) addRollout(text, rollout, analyst)
  for (const rollout of newest) addDrift(text, labelsOf(rollout), rollout.name, analyst)
  return text.toString()
}

function labelsOf({ name, run }: Rollout): string {
  const { model = name.name, commit = '' } = namesOf(
    run.analyses.map(({ state }) => state.analysis)
  )
  return labelText({ ...name, model, commit })
}

function addRollout(text: Exposition, rollout: Rollout, analyst: Reader): void {
  const { name, run } = rollout
  const named = run.analyses.map(({ state }) => state.analysis)
  const labels = labelsOf(rollout)
  addScores(text, labels, name, analyst)
  const judged = analyst.judge(run).verdicts
  for (const [index, analysis] of named.entries()) {
    for (const objective of judged[index]?.objectives ?? []) {
      addEvidence(text, labels, objective, analysis)
    }
  }
  const is = worstVerdict(judged)?.verdict ?? 'no-data'
  for (const verdict of verdicts) {
    const value = verdict === is ? 1 : 0
    text.add('mlgitops_model_verdict', `${labels},verdict="${verdict}"`, value)
  }
}

function addScores(
  text: Exposition,
  labels: string,
  rollout: Rollout['name'],
  analyst: Reader
): void {
  for (const variant of variants) {
    const own = `${labels},variant="${variant}"`
    for (const score of ratios) {
      const value = analyst.score({ rollout, score, variant, quantile: 0.5 })
      const family = `mlgitops_model_${score.replace('-', '_')}`
      if (value !== undefined) text.add(family, own, value)
    }
    for (const quantile of quantiles) {
      const value = analyst.score({ rollout, score: 'latency', variant, quantile })
      const family = 'mlgitops_model_predict_latency_ms'
      if (value !== undefined) text.add(family, `${own},quantile="${quantile}"`, value)
    }
  }
}

function addEvidence(
  text: Exposition,
  labels: string,
  { metric, versus, lnEFail, lnEPass }: ObjectiveVerdict,
  { alpha, beta, objectives }: Analysis
): void {
  const boundaries = [
    ['fail', lnEFail, failThreshold(alpha, 1 / objectives.length)],
    ['pass', lnEPass, passThreshold(beta)]
  ] as const
  for (const [boundary, lnE, proof] of boundaries) {
    const own = `${labels},metric="${metric}",versus="${versus ?? ''}",boundary="${boundary}"`
    if (lnE !== null && Number.isFinite(lnE)) text.add('mlgitops_model_evidence_ln', own, lnE)
    text.add('mlgitops_model_evidence_boundary_ln', own, proof)
  }
}
