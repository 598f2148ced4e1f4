import type { OptionTable } from '../../common/options.ts'
import { writerOptions } from '../writer-options.ts'

/** The options of `mlgitops register`. */
export const registerOptions = {
  result: {
    argument: 'FILE|-',
    unit: 'file',
    description: 'the result of the training run, JSON (- for standard input)'
  },
  ...writerOptions,
  environment: {
    argument: 'ENV',
    unit: 'name',
    description: 'the environment that the model is registered for'
  },
  path: {
    argument: 'PATH',
    unit: 'path',
    description:
      "the model's application path in the repository (default models/MODEL): its digest at the trained commit is that of the entry unless the result has one; with both, they must agree"
  },
  'pull-request': {
    unit: 'switch',
    description: 'push a branch of its own, for a pull request, in place of --branch'
  },
  set: {
    argument: 'FILE:PATH=VALUE',
    isRepeated: true,
    unit: 'field',
    description: 'a field of a file of the repository that is set in the same commit'
  },
  parameter: {
    argument: 'NAME',
    isRepeated: true,
    unit: 'name',
    description:
      'a parameter that is written; by default all that look like hyperparameters are, and no secrets'
  },
  'no-artifact-check': {
    unit: 'switch',
    description: 'do not read the artifact; the commit says so'
  }
} as const satisfies OptionTable
