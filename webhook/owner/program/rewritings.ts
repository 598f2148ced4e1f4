import { argoRewriting } from './argo-rewriting.ts'
import { rayRewriting } from './ray-rewriting.ts'
import type { Rewriting } from './rewriting.ts'
import {
  knativeRewriting,
  kserveRewriting,
  lwsRewriting,
  seldonRewriting
} from './serving-rewriting.ts'
import { sparkRewriting } from './spark-rewriting.ts'
import { tektonRewriting } from './tekton-rewriting.ts'
import { trainerRewriting, volcanoRewriting } from './training-rewriting.ts'

/** JobSet is not among them: it copies what it is given. */
const rewritings: readonly Rewriting[] = [
  tektonRewriting,
  argoRewriting,
  kserveRewriting,
  knativeRewriting,
  seldonRewriting,
  lwsRewriting,
  rayRewriting,
  sparkRewriting,
  trainerRewriting,
  volcanoRewriting
]

/** Returns how operators write the children of owners in these API groups. */
export function rewritingsOf(groups: ReadonlySet<string>): readonly Rewriting[] {
  return rewritings.filter(each => each.groups.some(group => groups.has(group)))
}
