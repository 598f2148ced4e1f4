import type { Suite } from '../rig/suite.ts'
import { Bench } from './bench.ts'
import { proveCharts } from './charts.ts'
import { proveFaults } from './faults.ts'
import { proveMany } from './many.ts'
import { proveRefusals } from './refusals.ts'
import { proveSyncs } from './syncs.ts'

/** The plugin in a real Argo CD, with the webhook before the objects that it applies. */
export const argocd: Suite = async ({ machine, points }) => {
  const bench = await Bench.create(machine)
  await proveSyncs(bench, points)
  await proveCharts(bench, points)
  await proveFaults(bench, points)
  await proveRefusals(bench, points)
  await proveMany(bench, points)
}
