import type { Suite } from '../rig/suite.ts'
import { Analysis } from './analysis.ts'
import { proveReplayed } from './replayed.ts'
import { proveScraped } from './scraped.ts'
import { proveMLServer } from './sklearn.ts'

/** The sources of the analysis as they are in a cluster: a real Prometheus, and servers of models. */
export const modelServers: Suite = async ({ machine, points }) => {
  await proveScraped(machine, points)
  const analysis = await Analysis.start(machine, 'analysis-replay')
  await proveReplayed(machine, points, analysis)
  await proveMLServer(machine, points, analysis)
}
