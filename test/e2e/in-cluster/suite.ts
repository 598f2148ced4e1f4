import type { Suite } from '../rig/suite.ts'
import { Installed } from './installed.ts'
import { proveGuard } from './guard.ts'
import { provePermissions } from './permissions.ts'
import { provePolicies } from './policies.ts'

/** The webhook as it is installed: policies, certificate and permissions from the cluster. */
export const inCluster: Suite = async ({ machine, points }) => {
  const installed = await Installed.create(machine)
  await provePolicies(installed, points)
  await proveGuard(installed, points)
  await provePermissions(installed, points)
}
