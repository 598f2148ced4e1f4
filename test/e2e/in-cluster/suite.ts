import type { Suite } from '../rig/suite.ts'
import { Installed } from './installed.ts'
import { proveExceptions } from './exceptions.ts'
import { proveGuard } from './guard.ts'
import { provePermissions } from './permissions.ts'
import { provePolicies } from './policies.ts'
import { proveRotation } from './rotation.ts'

/** Tests the installed webhook with policies, certificate and permissions of the cluster. */
export const inCluster: Suite = async ({ machine, points }) => {
  const installed = await Installed.create(machine)
  await provePolicies(installed, points)
  // A rotation mostly waits.
  await Promise.all([
    proveRotation(installed, points),
    proveExceptions(installed, points).then(() => proveGuard(installed, points))
  ])
  await provePermissions(installed, points)
}
