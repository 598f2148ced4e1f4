import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { goToolchain } from '../peers/peer.ts'
import { eventually } from './eventually.ts'

/** The projects whose CRDs and manifests are read out of their Go modules. */
const versions = {
  argocd: 'github.com/argoproj/argo-cd/v3@v3.6.1',
  argoRollouts: 'github.com/argoproj/argo-rollouts@v1.10.2',
  certManager: 'github.com/cert-manager/cert-manager@v1.20.0',
  flagger: 'github.com/fluxcd/flagger@v1.44.0',
  fluxImageAutomation: 'github.com/fluxcd/image-automation-controller@v1.2.3',
  fluxImageReflector: 'github.com/fluxcd/image-reflector-controller@v1.2.3',
  fluxKustomize: 'github.com/fluxcd/kustomize-controller@v1.9.6',
  fluxSource: 'github.com/fluxcd/source-controller@v1.9.3',
  gatewayApi: 'sigs.k8s.io/gateway-api@v1.5.1',
  kserve: 'github.com/kserve/kserve@v0.16.0',
  kubeflow: 'github.com/kubeflow/training-operator@v1.9.0',
  kuberay: 'github.com/ray-project/kuberay/ray-operator@v1.5.0',
  prometheusOperator: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
  tekton: 'github.com/tektoncd/pipeline@v1.5.0'
} as const

/** A project whose files can be had. */
export type ModuleName = keyof typeof versions

const run = promisify(execFile)

const folders = new Map<ModuleName, Promise<string>>()

/** The folder of a project's module, fetched once by Go's own client. */
export function moduleFolder(name: ModuleName): Promise<string> {
  const folder = folders.get(name) ?? download(name)
  folders.set(name, folder)
  return folder
}

/** The proxy of modules is somebody else's, and may be busy. */
async function download(name: ModuleName): Promise<string> {
  const env = { ...process.env, GOTOOLCHAIN: goToolchain, GOFLAGS: '' }
  return eventually(
    async () => {
      const { stdout } = await run('go', ['mod', 'download', '-json', versions[name]], { env })
      return (JSON.parse(stdout) as { readonly Dir: string }).Dir
    },
    { what: `${versions[name]} is there`, everyMs: 5_000 }
  )
}
