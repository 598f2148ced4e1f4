import type { Suite } from '../rig/suite.ts'
import { proveAdmission } from './admission.ts'
import { proveAlerts } from './alerts.ts'
import { proveAudited } from './audited.ts'
import { Bench } from './bench.ts'
import { proveCharts } from './charts.ts'
import { proveCommits } from './commits.ts'
import { proveFaults } from './faults.ts'
import { proveFunctions } from './functions.ts'
import { proveGate } from './gate.ts'
import { proveGuard } from './guard.ts'
import { proveIdentity } from './identity.ts'
import { proveImages } from './images.ts'
import { proveOperations, proveRemoval } from './operations.ts'
import { proveNotifications } from './notifications.ts'
import { proveParity } from './parity.ts'
import { provePlatform } from './platform.ts'
import { proveSources } from './sources.ts'

/** In order: later ones use the objects of earlier ones. */
const proofs = [
  proveCommits,
  proveCharts,
  proveOperations,
  proveAlerts,
  proveGuard,
  proveFaults,
  proveSources,
  proveAdmission,
  proveAudited,
  proveIdentity,
  proveParity,
  proveImages,
  provePlatform,
  proveNotifications,
  proveRemoval,
  proveFunctions,
  proveGate
] as const

/** Our controller between Flux's own source-controller and kustomize-controller. */
export const flux: Suite = async ({ machine, points }) => {
  const bench = await Bench.create(machine)
  try {
    for (const prove of proofs) await prove(bench, points)
  } finally {
    await bench.close()
  }
}
