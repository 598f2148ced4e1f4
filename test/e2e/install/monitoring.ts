import assert from 'node:assert/strict'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import type { Points } from '../rig/points.ts'

/** Tests the API server's metrics that alerts query. */
export async function proveMonitoring(machine: Machine, points: Points): Promise<void> {
  await points.check(
    'the API server has the metrics that alerts query, with our webhook’s name',
    async () => {
      const seen = await kubectl(machine.controlPlane, ['get', '--raw', '/metrics'])
      const series = seen.stdout
        .split('\n')
        .filter(line => line.includes('name="policies.mlgitops.io"'))
      const counted = (name: string, label: string) =>
        series.some(line => line.startsWith(`${name}{`) && line.includes(label))
      assert.ok(
        counted('apiserver_admission_webhook_rejection_count', 'error_type="calling_webhook_error"')
      )
      assert.ok(counted('apiserver_admission_webhook_fail_open_count', 'type="validating"'))
    }
  )
}
