import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import type { Points } from '../rig/points.ts'

const manifests = path.join(import.meta.dirname, '../../../manifests')

/** The component for the Prometheus operator, and the API server's metrics that its alerts ask for. */
export async function proveMonitoring(machine: Machine, points: Points): Promise<void> {
  await points.check('ServiceMonitors, alerts and dashboard are taken as they are', async () => {
    const folder = path.join(machine.folder, 'monitoring')
    mkdirSync(folder)
    const component = path.relative(folder, path.join(manifests, 'components/prometheus'))
    writeFileSync(path.join(folder, 'kustomization.yaml'), `components: [${component}]\n`)
    const seen = await kubectl(machine.controlPlane, [
      ...['apply', '--server-side', '--dry-run=server', '-k', folder]
    ])
    assert.deepEqual([seen.stderr, seen.code], ['', 0])
    assert.match(
      seen.stdout,
      /prometheusrule\.monitoring\.coreos\.com\/mlgitops-webhook serverside-applied/
    )
  })
  await points.check(
    'the API server counts what alerts ask it for, by our webhook’s name',
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
