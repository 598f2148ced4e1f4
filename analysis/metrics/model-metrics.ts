import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Analyst, Rollout } from '../analyst.ts'
import { variants } from '../counter/outcome.ts'
import type { Variant } from '../counter/outcome.ts'
import type { RolloutName } from '../event/message.ts'
import type { ObjectiveVerdict } from '../judge/verdict.ts'
import type { Analysis } from '../notation/analysis.ts'
import { namesOf } from '../notation/names.ts'
import { failThreshold, passThreshold } from '../statistics/budget.ts'
import { worstVerdict } from '../view/verdict-route.ts'

/** More are left out, those first of which nothing was heard for longest. */
const maxRollouts = 1_000
/** A run of which nothing was heard for so long is not shown any more. */
const shownMs = 86_400_000
const quantiles = [0.5, 0.9, 0.95, 0.99]
const ratios = ['precision', 'recall', 'accuracy', 'error-rate'] as const
const verdicts = ['pass', 'fail', 'inconclusive', 'no-data'] as const

/**
 * Gauges of each model that is rolled out, judged when they are read: what reading costs depends on the
 * number of rollouts, not of events, and at most 1,000 rollouts of the last day are shown.
 *
 * Metrics, all with `{namespace,name,model,commit}`: `mlgitops_model_precision{variant}` and its like for
 * `recall`, `accuracy` and `error_rate`; `mlgitops_model_predict_latency_ms{variant,quantile}`;
 * `mlgitops_model_evidence_ln{metric,versus,boundary}` and `mlgitops_model_evidence_boundary_ln`, at which
 * it is proved; `mlgitops_model_verdict{verdict}`. Without them, `mlgitops_analysis_rollouts{state}`.
 */
export function modelMetrics(
  registry: Registry,
  analyst: Pick<Analyst, 'rollouts' | 'judge' | 'score'>,
  nowMs: () => number
): void {
  // Registered first, for it is collected first and fills the others.
  new Gauge({
    name: 'mlgitops_analysis_rollouts',
    help: 'Rollouts with a run: all that are known, and those shown in the metrics of models.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const known = analyst.rollouts()
      const shown = known
        .filter(({ run }) => nowMs() - run.row.lastHookMs <= shownMs)
        .sort((a, b) => b.run.row.lastHookMs - a.run.row.lastHookMs)
        .slice(0, maxRollouts)
      gauges.reset()
      for (const rollout of shown) gauges.show(rollout, analyst)
      this.set({ state: 'known' }, known.length)
      this.set({ state: 'shown' }, shown.length)
    }
  })
  const gauges = new ModelGauges(registry)
}

type Labels = Record<'namespace' | 'name' | 'model' | 'commit', string>

function labelsOf(name: RolloutName, named: readonly Analysis[]): Labels {
  const { model, commit } = namesOf(named)
  return { ...name, model: model ?? name.name, commit: commit ?? '' }
}

class ModelGauges {
  readonly #registry: Registry
  readonly #all: Gauge[] = []
  readonly #ratio: Readonly<Record<(typeof ratios)[number], Gauge>>
  readonly #latency: Gauge
  readonly #evidence: Gauge
  readonly #boundary: Gauge
  readonly #verdict: Gauge

  constructor(registry: Registry) {
    this.#registry = registry
    const ratio = (name: string, help: string) => this.#gauge(name, help, ['variant'])
    this.#ratio = {
      precision: ratio('precision', 'Share of positive predictions whose label is positive.'),
      recall: ratio('recall', 'Share of positive labels that were predicted.'),
      accuracy: ratio('accuracy', 'Share of labelled predictions that are right.'),
      'error-rate': ratio('error_rate', 'Share of predictions that are errors.')
    }
    this.#latency = this.#gauge(
      'predict_latency_ms',
      'Latency of predictions in milliseconds, within 1 %.',
      ['variant', 'quantile']
    )
    const objective = ['metric', 'versus', 'boundary']
    this.#evidence = this.#gauge(
      'evidence_ln',
      'Natural logarithm of the evidence (an e-value) that an objective fails or passes.',
      objective
    )
    this.#boundary = this.#gauge('evidence_boundary_ln', 'Where that evidence is proof.', objective)
    this.#verdict = this.#gauge('verdict', '1 for the verdict on the newest run.', ['verdict'])
  }

  reset(): void {
    for (const gauge of this.#all) gauge.reset()
  }

  show({ name, run }: Rollout, analyst: Pick<Analyst, 'judge' | 'score'>): void {
    const named = run.analyses.map(({ state }) => state.analysis)
    const labels = labelsOf(name, named)
    for (const variant of variants) this.#showScores(labels, name, variant, analyst)
    const judged = analyst.judge(run).verdicts
    for (const [index, analysis] of named.entries()) {
      for (const objective of judged[index]?.objectives ?? []) {
        this.#showEvidence(labels, objective, analysis)
      }
    }
    const is = worstVerdict(judged)?.verdict ?? 'no-data'
    for (const verdict of verdicts) {
      this.#verdict.set({ ...labels, verdict }, verdict === is ? 1 : 0)
    }
  }

  #showScores(
    labels: Labels,
    rollout: RolloutName,
    variant: Variant,
    analyst: Pick<Analyst, 'score'>
  ): void {
    for (const score of ratios) {
      const value = analyst.score({ rollout, score, variant, quantile: 0.5 })
      if (value !== undefined) this.#ratio[score].set({ ...labels, variant }, value)
    }
    for (const quantile of quantiles) {
      const value = analyst.score({ rollout, score: 'latency', variant, quantile })
      if (value !== undefined) this.#latency.set({ ...labels, variant, quantile }, value)
    }
  }

  #showEvidence(
    labels: Labels,
    { metric, versus, lnEFail, lnEPass }: ObjectiveVerdict,
    { alpha, beta, objectives }: Analysis
  ): void {
    const boundaries = [
      ['fail', lnEFail, failThreshold(alpha, 1 / objectives.length)],
      ['pass', lnEPass, passThreshold(beta)]
    ] as const
    for (const [boundary, lnE, proof] of boundaries) {
      const own = { ...labels, metric, versus: versus ?? '', boundary }
      if (lnE !== null && Number.isFinite(lnE)) this.#evidence.set(own, lnE)
      this.#boundary.set(own, proof)
    }
  }

  #gauge(name: string, help: string, labelNames: readonly string[]): Gauge {
    const gauge = new Gauge({
      name: `mlgitops_model_${name}`,
      help,
      labelNames: ['namespace', 'name', 'model', 'commit', ...labelNames],
      registers: [this.#registry]
    })
    this.#all.push(gauge)
    return gauge
  }
}
