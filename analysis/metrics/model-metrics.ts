import type { Analyst, Rollout } from '../analyst.ts'
import { variants } from '../counter/outcome.ts'
import type { Variant } from '../counter/outcome.ts'
import { activeAnalyses } from '../run/active-analyses.ts'
import { alphaShare } from '../judge/alpha-share.ts'
import { worstVerdict } from '../judge/verdict.ts'
import type { ObjectiveVerdict } from '../judge/verdict.ts'
import type { Analysis } from '../settings/analysis.ts'
import { namesOf } from '../settings/names.ts'
import { failThreshold, passThreshold } from '../statistics/budget.ts'
import { addDrift, driftFamilies } from './drift-metrics.ts'
import { Exposition, labelText } from './exposition.ts'

type Reader = Pick<Analyst, 'rollouts' | 'judge' | 'score' | 'drift'>

/** Largest number of rollouts with model metrics; those with the latest hooks are exported. */
const maxRollouts = 1_000
/** Model metrics are exported until this long after the last hook. */
const shownMs = 86_400_000
const quantiles = [0.5, 0.9, 0.95, 0.99]
const ratios = ['precision', 'recall', 'accuracy', 'error-rate'] as const
const verdicts = ['pass', 'fail', 'inconclusive', 'no-data'] as const

const model = ['namespace', 'name', 'model', 'commit']
/** The series of the primary's last hours have a window, those of the run have none. */
const score = [...model, 'variant', 'window']
const evidence = [...model, 'metric', 'versus', 'boundary']

/** The model metrics with their labels. */
export const modelFamilies: readonly {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}[] = [
  {
    name: 'mlgitops_analysis_rollouts',
    help: 'Rollouts with a run: all known ones, and those whose model metrics are exported.',
    labels: ['state']
  },
  {
    name: 'mlgitops_model_precision',
    help: 'Share of positive predictions whose label is positive.',
    labels: score
  },
  {
    name: 'mlgitops_model_recall',
    help: 'Share of positive labels that were predicted.',
    labels: score
  },
  {
    name: 'mlgitops_model_accuracy',
    help: 'Share of labelled predictions that are correct.',
    labels: score
  },
  {
    name: 'mlgitops_model_error_rate',
    help: 'Share of predictions that are errors.',
    labels: score
  },
  {
    name: 'mlgitops_model_predict_latency_ms',
    help: 'Prediction latency in milliseconds, accurate to 1 %.',
    labels: [...model, 'variant', 'quantile']
  },
  {
    name: 'mlgitops_model_evidence_ln',
    help: 'Natural logarithm of the evidence (an e-value) that an objective fails or passes.',
    labels: evidence
  },
  {
    name: 'mlgitops_model_evidence_boundary_ln',
    help: 'Natural logarithm of the evidence at which an objective is proved to fail or pass.',
    labels: evidence
  },
  {
    name: 'mlgitops_model_verdict',
    help: '1 for the current verdict on the newest run, 0 for the others.',
    labels: [...model, 'verdict']
  },
  ...driftFamilies.map(family => ({ ...family, labels: [...model, ...family.labels] }))
]

/**
 * Returns the model metrics as text. Each rollout is judged at the scrape, so a scrape costs by the number of
 * rollouts, not of events. At most 1,000 rollouts with a hook in the last day are exported. Drift is exported
 * for older ones too, because no hook is called after a promotion.
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
  for (const rollout of newest)
    addDrift(text, labelsOf(rollout, 'primary'), rollout.name, { analyst, nowMs })
  return text.toString()
}

/** The commit of the primary is the last that was promoted: that of the canary once it is. */
function labelsOf({ name, run }: Rollout, variant: Variant): string {
  const { model = name.name, commit: own } = namesOf(
    activeAnalyses(run).map(({ state }) => state.analysis)
  )
  const { endedPhase, facts } = run.row
  const isPromoted = endedPhase === 'Succeeded'
  const commit = variant === 'canary' || isPromoted ? own : facts.primaryCommit
  return labelText({ ...name, model, commit: commit ?? '' })
}

function addRollout(text: Exposition, rollout: Rollout, analyst: Reader): void {
  const { run } = rollout
  const named = activeAnalyses(run).map(({ state }) => state.analysis)
  const labels = labelsOf(rollout, 'canary')
  addScores(text, rollout, analyst)
  const judged = analyst.judge(run).verdicts
  for (const [index, analysis] of named.entries()) {
    for (const objective of judged[index]?.objectives ?? []) {
      addEvidence(text, labels, objective, analysis)
    }
  }
  const worst = worstVerdict(judged)?.verdict ?? 'no-data'
  for (const verdict of verdicts) {
    const value = verdict === worst ? 1 : 0
    text.add('mlgitops_model_verdict', `${labels},verdict="${verdict}"`, value)
  }
}

function addScores(text: Exposition, of: Rollout, analyst: Reader): void {
  const rollout = of.name
  for (const variant of variants) {
    const own = `${labelsOf(of, variant)},variant="${variant}"`
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
  { metric, versus, lnEFail, lnEPass, guard = false }: ObjectiveVerdict,
  analysis: Analysis
): void {
  const { alpha, beta, objectives, guards } = analysis
  const objective = (guard ? guards : objectives).find(each => each.metric === metric)
  if (objective === undefined) return
  const boundaries = [
    ['fail', lnEFail, failThreshold(alpha, alphaShare(analysis, objective))],
    ['pass', lnEPass, passThreshold(beta)]
  ] as const
  for (const [boundary, lnE, proof] of boundaries) {
    const own = `${labels},metric="${metric}",versus="${versus ?? ''}",boundary="${boundary}"`
    if (lnE !== null && Number.isFinite(lnE)) text.add('mlgitops_model_evidence_ln', own, lnE)
    text.add('mlgitops_model_evidence_boundary_ln', own, proof)
  }
}
