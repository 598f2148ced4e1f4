import type { Suite } from '../rig/suite.ts'
import { installForeign, installOwn } from '../rig/crds.ts'
import { proveAttestations } from './attestations.ts'
import { proveAvailability } from './availability.ts'
import { Bench } from './bench.ts'
import { proveBindings } from './bindings.ts'
import { proveLivePolicies } from './live-policies.ts'
import { proveVerdicts } from './verdicts.ts'
import { proveWorkloads } from './workloads.ts'

/** The webhook behind a real API server. */
export const admission: Suite = async ({ machine, points }) => {
  await installForeign(machine.controlPlane, ['PipelineRun', 'InferenceService', 'TFJob'])
  await installOwn(machine.controlPlane, ['registeredmodels'])
  const bench = await Bench.create(machine)
  await proveVerdicts(bench, points)
  await proveWorkloads(bench, points)
  await proveAttestations(bench, points)
  await proveBindings(bench, points)
  await proveLivePolicies(bench, points)
  await proveAvailability(bench, points)
}
