import type { Suite } from '../rig/suite.ts'
import { proveAdmission } from './admission.ts'
import { proveAlerts } from './alerts.ts'
import { Bench } from './bench.ts'
import { proveCommits } from './commits.ts'
import { proveFaults } from './faults.ts'
import { proveFunctions } from './functions.ts'
import { proveGate } from './gate.ts'
import { proveGuard } from './guard.ts'
import { proveImages } from './images.ts'
import { proveOperations, proveRemoval } from './operations.ts'
import { proveParity } from './parity.ts'
import { provePlatform } from './platform.ts'
import { proveSources } from './sources.ts'

/** Our controller between Flux's own source-controller and kustomize-controller. */
export const flux: Suite = async ({ machine, points }) => {
  const bench = await Bench.create(machine)
  try {
    await proveCommits(bench, points)
    await proveOperations(bench, points)
    await proveAlerts(bench, points)
    await proveGuard(bench, points)
    await proveFaults(bench, points)
    await proveSources(bench, points)
    await proveAdmission(bench, points)
    await proveParity(bench, points)
    await proveImages(bench, points)
    await provePlatform(bench, points)
    await proveRemoval(bench, points)
    await proveFunctions(bench, points)
    await proveGate(bench, points)
  } finally {
    await bench.close()
  }
}
