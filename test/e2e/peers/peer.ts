import { homedir } from 'node:os'
import path from 'node:path'
import { modulesPeer, moduleVersions } from './modules.ts'

/** How a peer is made. */
export type Recipe =
  /** A command of a module that a go.mod of ours names: `test/e2e/peers/<folder>`. */
  | {
      readonly kind: 'module'
      readonly folder: string
      readonly command: string
      readonly ldflags?: string
    }
  /** A command whose module has no replacements. */
  | { readonly kind: 'install'; readonly command: string; readonly ldflags?: string }
  /** Modules whose files are read, by their path and version; none of them is built. */
  | { readonly kind: 'modules'; readonly modules: readonly string[] }
  /** Programs and libraries out of Debian's packages, unpacked and never installed. */
  | { readonly kind: 'debian'; readonly packages: readonly string[]; readonly program: string }

/** A program of somebody else that the suites are run against. */
export interface Peer {
  readonly name: string
  /** Empty where Debian decides it, or where each module has its own. */
  readonly version: string
  readonly recipe: Recipe
}

const kubernetesVersion = 'v1.37.2'
/** Without it Flagger refuses the server: its version is no semantic version. */
const kubernetesFlags = [
  ...['-s', '-w'],
  `-X k8s.io/component-base/version.gitVersion=${kubernetesVersion}`,
  '-X k8s.io/component-base/version.gitMajor=1',
  '-X k8s.io/component-base/version.gitMinor=37'
].join(' ')

function kubernetes(name: string): Peer {
  const command = `k8s.io/kubernetes/cmd/${name}`
  const recipe = {
    kind: 'module',
    folder: 'kubernetes',
    command,
    ldflags: kubernetesFlags
  } as const
  return { name, version: kubernetesVersion, recipe }
}

function installed(name: string, version: string, command: string): Peer {
  return { name, version, recipe: { kind: 'install', command } }
}

/** A controller of Flux, by a go.mod of ours: its own replaces its api by a local folder. */
function flux(name: string, version: string): Peer {
  return {
    name,
    version,
    recipe: { kind: 'module', folder: name, command: `github.com/fluxcd/${name}`, ldflags: '-s -w' }
  }
}

/** Every peer, those first that most suites need. */
export const peers: readonly Peer[] = [
  {
    name: 'etcd',
    version: 'v3.6.5',
    recipe: { kind: 'module', folder: 'etcd', command: 'go.etcd.io/etcd/server/v3' }
  },
  kubernetes('kube-apiserver'),
  kubernetes('kube-controller-manager'),
  {
    name: modulesPeer,
    version: '',
    recipe: { kind: 'modules', modules: Object.values(moduleVersions) }
  },
  installed('flagger', 'v1.44.0', 'github.com/fluxcd/flagger/cmd/flagger'),
  installed('kustomize', 'v5.8.1', 'sigs.k8s.io/kustomize/kustomize/v5'),
  {
    // One binary; the name it is started by picks its role.
    name: 'argocd',
    version: 'v3.6.1',
    recipe: {
      kind: 'module',
      folder: 'argocd',
      command: 'github.com/argoproj/argo-cd/v3/cmd',
      ldflags: '-s -w'
    }
  },
  flux('kustomize-controller', 'v1.9.6'),
  flux('source-controller', 'v1.9.3'),
  flux('notification-controller', 'v1.9.3'),
  {
    name: 'redis-server',
    version: '',
    recipe: {
      kind: 'debian',
      packages: ['redis-tools', 'libjemalloc2', 'liblzf1'],
      program: 'usr/bin/redis-check-rdb'
    }
  },
  {
    name: 'prometheus',
    version: '',
    recipe: { kind: 'debian', packages: ['prometheus'], program: 'usr/bin/prometheus' }
  },
  {
    name: 'promtool',
    version: '',
    recipe: { kind: 'debian', packages: ['prometheus'], program: 'usr/bin/promtool' }
  },
  // No suite needs these two: tests and benchmarks compare with them.
  installed('helm', 'v3.22.0', 'helm.sh/helm/v3/cmd/helm'),
  installed('helm4', 'v4.3.1', 'helm.sh/helm/v4/cmd/helm'),
  installed('opa', 'v1.22.2', 'github.com/open-policy-agent/opa')
]

/** The Go that builds them all; an older one fetches it by the module proxy. */
export const goToolchain = 'go1.27.4'

/** Where they are kept, between runs and work trees. */
export function peersFolder(env: Readonly<Record<string, string | undefined>>): string {
  const cache = env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache')
  return path.join(cache, 'mlgitops/peers')
}
