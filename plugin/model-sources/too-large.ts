import { Fault } from '../../common/fault.ts'

/** The fault `MODEL_DIGEST_LIMIT`: the sources of a model exceed a limit. */
export function tooLarge(where: string, limit: string): Fault {
  return new Fault('MODEL_DIGEST_LIMIT', 'the model is too large for a model digest', {
    where,
    expected: `at most ${limit}`,
    remedy: 'Name what the model is made of: model.sources in mlgitops.yaml.'
  })
}
