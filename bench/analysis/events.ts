import { randomUUID } from 'node:crypto'

interface Load {
  readonly rollouts: number
}

/** A prediction event of a random arm. */
export function predictionOf(id: string, { rollouts }: Load): object {
  const latencyMs = Math.round(Math.random() * 1e5) / 1e3
  const rollout = `ml/${rolloutOf(id, rollouts)}`
  const data = { rollout, variant: randomVariant(), id, predicted: 1, latencyMs }
  return envelope('io.mlgitops.prediction', data)
}

/** The label of a prediction. */
export function feedbackOf(id: string, { rollouts }: Load): object {
  const data = { rollout: `ml/${rolloutOf(id, rollouts)}`, id, label: 1 }
  return envelope('io.mlgitops.feedback', data)
}

/** The request and the response that KServe's logger sends for one inference, as structured events. */
export function kserveHalvesOf(id: string, { rollouts }: Load): readonly object[] {
  const extensions = {
    id,
    namespace: 'ml',
    inferenceservicename: rolloutOf(id.slice(1), rollouts),
    annotations: JSON.stringify({ 'mlgitops.io/variant': randomVariant() })
  }
  const type = 'org.kubeflow.serving.inference'
  return [
    { ...envelope(`${type}.request`, { instances: [[1, 2]] }), ...extensions },
    { ...envelope(`${type}.response`, { predictions: [1] }), ...extensions }
  ]
}

function randomVariant(): 'primary' | 'canary' {
  return Math.random() < 0.5 ? 'primary' : 'canary'
}

function envelope(type: string, data: object): object {
  const time = new Date().toISOString()
  return { specversion: '1.0', id: randomUUID(), source: '/bench', type, time, data }
}

/** The same for a prediction and its label. */
function rolloutOf(id: string, rollouts: number): string {
  return `model-${parseInt(id.slice(0, 8), 16) % rollouts}`
}
