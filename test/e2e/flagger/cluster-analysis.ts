import assert from 'node:assert/strict'
import path from 'node:path'
import { member } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { readYaml } from '../../../common/yaml/read.ts'
import { accountKubeconfig } from '../rig/account.ts'
import { expectSuccess } from '../rig/api-client.ts'
import { installOwn } from '../rig/crds.ts'
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

  /** @param without the resource that its role has no rule for, until {@link allowAll} */
  static async start(
    machine: Machine,
    { without }: { readonly without: string }
  ): Promise<ClusterAnalysis> {
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
    const whole = find('ClusterRole')
    const rules = (whole.rules as readonly JsonObject[]).filter(
      ({ resources }) => !(resources as readonly string[]).includes(without)
    )
    const rights = [find('ServiceAccount'), { ...whole, rules }, find('ClusterRoleBinding')]
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
    return new ClusterAnalysis(machine, `http://${host}`, whole)
  }

  /** Gives it the role that the overlay has. */
  async allowAll(): Promise<void> {
    const { client } = this.#machine.controlPlane
    const { resourceVersion } = (await client.read(role)).metadata as JsonObject
    const metadata = {
      ...(this.#role.metadata as JsonObject),
      resourceVersion: resourceVersion ?? ''
    }
    expectSuccess(await client.replace(role, { ...this.#role, metadata }), 'the role')
  }
}
