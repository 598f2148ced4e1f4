import type { Analyst } from '../analyst.ts'
import type { DriftView } from '../drift/drift-view.ts'
import { countsSince, lastSpans, windowMs } from '../drift/last-windows.ts'
import type { RolloutName } from '../event/message.ts'
import type { Exposition } from './exposition.ts'

const metric = ['metric']

/** The drift metrics of a rollout's primary. */
export const driftFamilies = [
  {
    name: 'mlgitops_model_drift_ln',
    help: 'Natural logarithm of the evidence that the primary has drifted, after its last window.',
    labels: metric
  },
  {
    name: 'mlgitops_model_drift_alarm_ln',
    help: 'Natural logarithm of the evidence at which drift raises an alarm.',
    labels: metric
  },
  {
    name: 'mlgitops_model_drift_alarms',
    help: 'Drift alarms since the model became the primary.',
    labels: metric
  },
  {
    name: 'mlgitops_model_drift_stability',
    help: 'Population stability index of the last window minus its expected noise. Above 0.2 the shift is large.',
    labels: metric
  }
] as const

/** Adds the drift metrics of one rollout's primary. */
export function addDrift(
  text: Exposition,
  labels: string,
  rollout: RolloutName,
  { analyst, nowMs }: { readonly analyst: Pick<Analyst, 'drift'>; readonly nowMs: number }
): void {
  for (const view of analyst.drift(rollout)) {
    addLastHours(text, labels, view, nowMs)
    const { metric: name, windows, lnEvidence, lnAlarm, alarms, stability } = view
    if (windows === 0) continue
    const own = `${labels},metric="${name}"`
    if (lnEvidence !== null && Number.isFinite(lnEvidence)) {
      text.add('mlgitops_model_drift_ln', own, lnEvidence)
    }
    text.add('mlgitops_model_drift_alarm_ln', own, lnAlarm)
    text.add('mlgitops_model_drift_alarms', own, alarms)
    if (stability !== null) {
      const excess = stability.index - stability.expectedNoise
      text.add('mlgitops_model_drift_stability', own, excess)
    }
  }
}

/** The scores of the primary in the last hours whose labels are mature. */
function addLastHours(
  text: Exposition,
  labels: string,
  { metric: name, last }: DriftView,
  nowMs: number
): void {
  if (last === undefined) return
  for (const { name: window, spanMs } of lastSpans) {
    const { events, bad } = countsSince(last.windows, nowMs - last.maturityMs - spanMs - windowMs)
    if (events === 0) continue
    const ratio = name === 'error-rate' ? bad / events : 1 - bad / events
    const own = `${labels},variant="primary",window="${window}"`
    text.add(`mlgitops_model_${name.replace('-', '_')}`, own, ratio)
  }
}
