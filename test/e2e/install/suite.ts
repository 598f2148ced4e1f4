import assert from 'node:assert/strict'
import { eventually } from '../rig/eventually.ts'
import { installForeign } from '../rig/crds.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { makeNamespace } from '../rig/namespace.ts'
import type { Points } from '../rig/points.ts'
import type { Suite } from '../rig/suite.ts'
import { proveComponents } from './components.ts'
import { proveDocumented } from './documented.ts'
import { proveExamples } from './examples.ts'
import { proveGuard } from './guard.ts'
import { proveMonitoring } from './monitoring.ts'
import { proveOutage } from './outage.ts'
import { applyFolder, proveOverlays, removeOverlay } from './overlays.ts'

/** Tests the manifests as users install them. */
export const install: Suite = async ({ machine, points }) => {
  await installForeign(machine.controlPlane, [
    ...(['Certificate', 'Issuer', 'PodMonitor', 'PrometheusRule', 'ServiceMonitor'] as const),
    ...(['Application', 'GitRepository', 'Kustomization', 'flagger', 'AnalysisTemplate'] as const),
    ...(['InferenceService', 'PipelineRun', 'TFJob', 'RayJob'] as const),
    ...(['ImageRepository', 'ImagePolicy', 'ImageUpdateAutomation', 'Alert', 'Provider'] as const)
  ])
  await proveOverlays(machine, points)
  await installed(machine, 'webhook-only')
  await proveGuard(machine, points)
  await removeOverlay(machine, 'webhook-only')
  await installed(machine, 'webhook-only')
  await proveOutage(machine, points)
  await removeOverlay(machine, 'webhook-only')
  await proveOpen(machine, points)
  await proveExamples(machine, points)
  await proveComponents(machine, points)
  await proveDocumented(machine, points)
}

async function installed(machine: Machine, overlay: string): Promise<void> {
  assert.equal((await applyFolder(machine, `overlays/${overlay}`)).stderr, '')
}

/** Tests that the overlay `trial` blocks nothing while the webhook is down. */
async function proveOpen(machine: Machine, points: Points): Promise<void> {
  await installed(machine, 'trial')
  const namespace = await makeNamespace(machine, 'e2e-open', { 'mlgitops.io/admission': 'enabled' })
  await points.check(
    'overlay trial: everything is admitted while the webhook is down',
    async () => {
      const args = ['-n', namespace, 'create', 'job', 'x', '--image=x', '--dry-run=server']
      // Before it calls the webhook the API server admits the Job too; its metric shows the failed call.
      await eventually(
        async () => {
          assert.equal((await kubectl(machine.controlPlane, args)).code, 0)
          const { stdout } = await kubectl(machine.controlPlane, ['get', '--raw', '/metrics'])
          return stdout.includes('apiserver_admission_webhook_fail_open_count{') || undefined
        },
        { what: 'the API server counts a call that failed open' }
      )
    }
  )
  await proveMonitoring(machine, points)
  await removeOverlay(machine, 'trial', true)
}
