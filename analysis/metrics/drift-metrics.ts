import type { Analyst } from '../analyst.ts'
import type { RolloutName } from '../event/message.ts'
import type { Exposition } from './exposition.ts'

const metric = ['metric']

/** The families of drift, each for the primary of a rollout. */
export const driftFamilies = [
  {
    name: 'mlgitops_model_drift_ln',
    help: 'Natural logarithm of the evidence that the primary has drifted, after the last window.',
    labels: metric
  },
  {
    name: 'mlgitops_model_drift_alarm_ln',
    help: 'Where that evidence is an alarm.',
    labels: metric
  },
  {
    name: 'mlgitops_model_drift_alarms',
    help: 'Alarms of drift since the model became the primary.',
    labels: metric
  },
  {
    name: 'mlgitops_model_drift_stability',
    help: 'Population stability index of the last window less its noise; above 0.2 it matters.',
    labels: metric
  }
] as const

/** Adds what is known of the drift of one rollout's primary. */
export function addDrift(
  text: Exposition,
  labels: string,
  rollout: RolloutName,
  analyst: Pick<Analyst, 'drift'>
): void {
  for (const { metric: name, windows, lnEvidence, lnAlarm, alarms, stability } of analyst.drift(
    rollout
  )) {
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
