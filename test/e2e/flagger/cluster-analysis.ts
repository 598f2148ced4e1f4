import assert from 'node:assert/strict'
import path from 'node:path'
import { member } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { readYaml } from '../../../common/yaml/read.ts'
import { accountKubeconfig } from '../rig/account.ts'
import { expectSuccess } from '../rig/api-client.ts'
import { installOwn } from '../rig/crds.ts'
import { eventually } from '../rig/eventually.ts'
import { freePort } from '../rig/free-port.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { makeNamespace } from '../rig/namespace.ts'

const overlay = path.join(import.meta.dirname, '../../../manifests/overlays/analysis-only')
const system = 'mlgitops-system'
const account = 'mlgitops-analysis'
const role = `/apis/rbac.authorization.k8s.io/v1/clusterroles/${account}`

/** The analysis with the rights that the overlay analysis-only gives it, and its objectives from the cluster. */
export class ClusterAnalysis {
  readonly url: string
  readonly #machine: Machine
  readonly #role: JsonObject

  private constructor(machine: Machine, url: string, role: JsonObject) {
    this.#machine = machine
    this.url = url
    this.#role = role
  }

  static async start(machine: Machine): Promise<ClusterAnalysis> {
    const { controlPlane } = machine
    await installOwn(controlPlane, ['modelanalyses'])
    await makeNamespace(machine, system)
    const { stdout } = await kubectl(controlPlane, ['kustomize', overlay])
    const all = readYaml(stdout, { file: 'analysis-only' }).map(({ value }) => value as JsonObject)
    const find = (wanted: string) => {
      const found = all.find(
        ({ kind, metadata }) => kind === wanted && member(metadata, 'name') === account
      )
      assert.ok(found, `the overlay has no ${wanted}`)
      return found
    }
    const rights = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding'].map(find)
    for (const object of rights) {
      const seen = await kubectl(controlPlane, ['apply', '-f', '-'], object)
      assert.equal(seen.code, 0, seen.stderr)
    }
    machine.atEnd(() =>
      kubectl(controlPlane, ['delete', 'clusterrole,clusterrolebinding', account])
    )
    const host = `127.0.0.1:${await freePort()}`
    const program = machine.startOurs('analysis-of-the-cluster', [
      ...['serve', 'analysis', '--listen', host, '--grace-seconds', '0'],
      ...['--kubeconfig', await accountKubeconfig(machine, system, account)]
    ])
    await program.line(/^listening on (\S+)$/m)
    return new ClusterAnalysis(machine, `http://${host}`, find('ClusterRole'))
  }

  /** Waits until it is answered so to a kubelet's probe. */
  untilReadiness(wanted: number): Promise<string> {
    return eventually(
      async () => {
        const response = await fetch(`${this.url}/readyz`)
        const text = await response.text()
        if (response.status !== wanted) throw new Error(text)
        return text
      },
      { what: `readiness is ${wanted}` }
    )
  }

  /** Gives it its role without the rules for a resource, or whole. */
  async allowAllBut(resource?: string): Promise<void> {
    const { client } = this.#machine.controlPlane
    const rules = (this.#role.rules as readonly JsonObject[]).filter(
      ({ resources }) => !(resources as readonly (string | undefined)[]).includes(resource)
    )
    const { resourceVersion } = (await client.read(role)).metadata as JsonObject
    const metadata = {
      ...(this.#role.metadata as JsonObject),
      resourceVersion: resourceVersion ?? ''
    }
    expectSuccess(await client.replace(role, { ...this.#role, rules, metadata }), 'the role')
  }
}
