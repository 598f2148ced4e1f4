import type { Suite } from '../rig/suite.ts'
import { proveScraped } from './scraped.ts'

/** The sources of the analysis as they are in a cluster: a real Prometheus, and servers of models. */
export const modelServers: Suite = async ({ machine, points }) => {
  await proveScraped(machine, points)
}
