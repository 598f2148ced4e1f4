import type { RunningFlux } from '../../../plugin/flux/serve.ts'
import { ask } from '../../service/loopback.ts'

/** The value of a metric of a controller. */
export async function metric(flux: RunningFlux, name: string): Promise<number> {
  const { body } = await ask(flux.metricsServer, { path: '/metrics' })
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(body)?.[1])
}
