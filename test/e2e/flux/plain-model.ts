import type { Bench } from './bench.ts'

/** A model whose objects name no commit, so that a commit elsewhere does not change them. */
export const plain = 'models/plain'
export const plainNamespace = 'e2e-flux-plain'

/** A ConfigMap of the model. It contains a variable of Flux, which must not be substituted. */
export function settings(name: string, value: string): string {
  return [
    'apiVersion: v1',
    'kind: ConfigMap',
    `metadata: { name: ${name} }`,
    'data:',
    `  threshold: "${value}"`,
    '  level: {{ .Values.level }}',
    '  query: rate(errors[${window}])',
    ''
  ].join('\n')
}

/** The model's first files. */
export const firstFiles = {
  [`${plain}/values.yaml`]: 'level: info\n',
  [`${plain}/first.yaml`]: settings('first', '0.5'),
  [`${plain}/second.yaml`]: settings('second', '0.5')
} as const

/** The data of a ConfigMap of the model. */
export async function dataOf(bench: Bench, name: string, namespace = plainNamespace) {
  return (await bench.configMap(namespace, name))?.data
}
