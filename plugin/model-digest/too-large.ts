import { Fault } from '../../common/fault.ts'

/** `MODEL_DIGEST_LIMIT`: a folder has more than a digest is made of. */
export function tooLarge(where: string, limit: string): Fault {
  return new Fault('MODEL_DIGEST_LIMIT', 'the model is too large for a digest of its files', {
    where,
    expected: `at most ${limit}`,
    remedy: 'Keep data elsewhere, or let the bias audit name the commit (modelCommit).'
  })
}
