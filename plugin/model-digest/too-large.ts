import { Fault } from '../../common/fault.ts'

/** The fault `MODEL_DIGEST_LIMIT`: a folder exceeds a limit of the digest. */
export function tooLarge(where: string, limit: string): Fault {
  return new Fault('MODEL_DIGEST_LIMIT', 'the model is too large for a model digest', {
    where,
    expected: `at most ${limit}`,
    remedy: 'Keep data elsewhere, or use modelCommit in the bias audit.'
  })
}
