import { underPrefix } from '../../evidence/image-reference.ts'
import type { Finding } from '../decision.ts'
import { differencesOf } from '../owner/admitted.ts'
import type { Difference } from '../owner/admitted.ts'
import type { Subject } from '../subject/subject.ts'
import type { OwnerOfPod } from './context.ts'

const field = 'metadata.ownerReferences'

/**
 * Compiles `pods: owner` of rule `provenance`: a Pod that a controller of Kubernetes made runs what its
 * owner was admitted with, what operators add, and what the policy lets other webhooks inject.
 */
export function compilePodByOwner(
  injectedImages: readonly string[]
): (subject: Subject, owner: OwnerOfPod) => readonly Finding[] {
  const injected = injectedImages.map(underPrefix)
  return (subject, { found, adds }) => {
    switch (found.kind) {
      case 'none':
        return [
          { field, problem: `the Pod has no attested owner: ${found.reason}`, fix: fixOfOwner }
        ]
      case 'unreadable':
        return [{ field, problem: found.reason, fix: 'the controller will try again' }]
      case 'attested': {
        const { admitted } = found
        const differences = differencesOf(
          subject,
          admitted,
          image => adds(image) || injected.some(isUnder => isUnder(image)),
          'commands'
        )
        return differences.map(difference => findingOf(difference, admitted.owner))
      }
    }
  }
}

const fixOfOwner = 'deploy the owner that mlgitops rendered and signed, through Argo CD or Flux'
const fixOfImage =
  'if another webhook injects this image, name it in injectedImages of the policy; else deploy what was signed'

function findingOf({ field: at, what, found }: Difference, owner: string): Finding {
  switch (what) {
    case 'image':
      return {
        field: at,
        problem: `this image was not admitted with ${owner}`,
        found,
        fix: fixOfImage
      }
    case 'model':
      return {
        field: at,
        problem: `this model was not admitted with ${owner}`,
        found,
        fix: fixOfOwner
      }
    case 'right': {
      const problem = `${owner} does not have this right on its node`
      return { field: at, problem, found, fix: fixOfOwner }
    }
    case 'command':
    case 'script':
    case 'variable': {
      const problem = `${owner} has no such ${what} for this container`
      return { field: at, problem, fix: fixOfOwner }
    }
    case 'field':
      return { field: at, problem: `this field was not admitted with ${owner}`, fix: fixOfOwner }
  }
}
