import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { stringMember } from '../../../common/json.ts'
import { expectSuccess } from './api-client.ts'
import type { Machine } from './machine.ts'

/** Longer than the time limit of a suite. */
const tokenSeconds = 3_600

/** Writes a kubeconfig with a token of a service account; returns its path. */
export async function accountKubeconfig(
  { controlPlane, folder }: Machine,
  namespace: string,
  account: string
): Promise<string> {
  const at = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`
  const request = { spec: { expirationSeconds: tokenSeconds } }
  const { status } = expectSuccess(await controlPlane.client.create(at, request), 'token')
  const config = controlPlane.kubeconfigFor(stringMember(status, 'token') ?? '')
  const file = path.join(folder, `${account}.kubeconfig.json`)
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 })
  return file
}
