import type { JsonObject } from '../common/json.ts'

/**
 * A status as every controller of Kubernetes reports it (apimachinery meta/v1 `Condition`).
 *
 * @param conditions what each condition means
 */
export const crdStatus = (description: string, conditions: string): JsonObject => ({
  description,
  type: 'object',
  properties: {
    observedGeneration: {
      description: 'The generation of the spec that the status is about.',
      type: 'integer',
      format: 'int64'
    },
    conditions: {
      description: conditions,
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      items: {
        type: 'object',
        required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
        properties: {
          type: { description: 'Such as Ready.', type: 'string', maxLength: 316 },
          status: {
            description: 'Whether the condition is true.',
            type: 'string',
            enum: ['True', 'False', 'Unknown']
          },
          observedGeneration: {
            description: 'The generation that the condition is about.',
            type: 'integer',
            format: 'int64',
            minimum: 0
          },
          lastTransitionTime: {
            description: 'When the status last changed.',
            type: 'string',
            format: 'date-time'
          },
          reason: {
            description: 'The reason as one word, for programs.',
            type: 'string',
            minLength: 1,
            maxLength: 1024
          },
          message: {
            description: 'The reason as a sentence, for people.',
            type: 'string',
            maxLength: 32768
          }
        }
      }
    }
  }
})
