import type { Suite } from './rig/suite.ts'

/** A suite of `npm run e2e`: its name, the programs that it needs, and its code. */
export interface KnownSuite {
  readonly name: string
  /** Peers that `npm run peers` installs, and programs in the PATH. */
  readonly needs: readonly string[]
  /** The suite restarts the API server or removes what others use, so it has its own control plane. */
  readonly isAlone?: true
  /** Runs only if it is named on the command line. */
  readonly isOptIn?: true
  readonly load: () => Promise<Suite>
}

const cluster = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'] as const

/** In start order: the longest first. */
export const suites: readonly KnownSuite[] = [
  {
    name: 'story',
    needs: [...cluster, 'argocd', 'redis-server', 'flagger', 'kustomize', 'git', 'modules'],
    load: async () => (await import('./story/suite.ts')).story
  },
  {
    name: 'flux',
    needs: [
      ...cluster,
      ...['source-controller', 'kustomize-controller', 'kustomize', 'helm', 'git', 'modules']
    ],
    isAlone: true,
    load: async () => (await import('./flux/suite.ts')).flux
  },
  {
    name: 'flagger',
    needs: [...cluster, 'flagger', 'modules'],
    load: async () => (await import('./flagger/suite.ts')).flagger
  },
  {
    name: 'in-cluster',
    needs: [...cluster, 'kustomize'],
    isAlone: true,
    load: async () => (await import('./in-cluster/suite.ts')).inCluster
  },
  {
    name: 'install',
    needs: [...cluster, 'modules'],
    isAlone: true,
    load: async () => (await import('./install/suite.ts')).install
  },
  {
    name: 'argocd',
    needs: [...cluster, 'argocd', 'redis-server', 'kustomize', 'helm', 'git', 'modules'],
    load: async () => (await import('./argocd/suite.ts')).argocd
  },
  {
    name: 'model-servers',
    needs: ['prometheus'],
    load: async () => (await import('./model-servers/suite.ts')).modelServers
  },
  {
    name: 'admission',
    needs: [...cluster, 'modules'],
    isAlone: true,
    load: async () => (await import('./admission/suite.ts')).admission
  },
  {
    name: 'operators',
    needs: [...cluster, 'git', 'modules'],
    isAlone: true,
    load: async () => (await import('./operators/suite.ts')).operators
  },
  {
    name: 'loop',
    needs: ['git'],
    load: async () => (await import('./loop/suite.ts')).loop
  },
  {
    name: 'registrations',
    needs: ['git'],
    isOptIn: true,
    load: async () => (await import('./loop/suite.ts')).registrations
  },
  {
    name: 'alerts',
    needs: ['promtool'],
    load: async () => (await import('./alerts/suite.ts')).alerts
  },
  {
    name: 'image',
    needs: [...cluster, 'kustomize', 'helm', 'buildah', 'debootstrap', 'unshare', 'setpriv'],
    isOptIn: true,
    load: async () => (await import('./image/suite.ts')).imageSuite
  }
]
