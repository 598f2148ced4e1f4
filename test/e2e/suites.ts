import type { Suite } from './rig/suite.ts'
import type { Turn } from './rig/turns.ts'

/** What `npm run e2e` knows: a suite's name, what has to be there for it, and its code. */
export interface KnownSuite extends Turn {
  readonly name: string
  /** Peers that `npm run peers` makes, and programs of the machine. */
  readonly needs: readonly string[]
  /** Runs only when it is named. */
  readonly isOptIn?: true
  readonly load: () => Promise<Suite>
}

const cluster = ['etcd', 'kube-apiserver', 'kubectl'] as const
const controllers = [...cluster, 'kube-controller-manager'] as const

/** In the order in which they begin; two that are not alone and claim nothing in common go on at the same time. */
export const suites: readonly KnownSuite[] = [
  {
    name: 'alerts',
    needs: ['promtool'],
    load: async () => (await import('./alerts/suite.ts')).alerts
  },
  {
    name: 'model-servers',
    needs: ['prometheus'],
    load: async () => (await import('./model-servers/suite.ts')).modelServers
  },
  {
    name: 'admission',
    needs: [...controllers, 'go'],
    isAlone: true,
    load: async () => (await import('./admission/suite.ts')).admission
  },
  {
    name: 'in-cluster',
    needs: [...controllers, 'kustomize'],
    isAlone: true,
    load: async () => (await import('./in-cluster/suite.ts')).inCluster
  },
  {
    name: 'install',
    needs: [...controllers, 'go'],
    isAlone: true,
    load: async () => (await import('./install/suite.ts')).install
  },
  {
    name: 'argocd',
    needs: [...controllers, 'argocd', 'redis-server', 'kustomize', 'git', 'go'],
    claims: ['Argo CD'],
    load: async () => (await import('./argocd/suite.ts')).argocd
  },
  {
    name: 'flux',
    needs: [...controllers, 'source-controller', 'kustomize-controller', 'kustomize', 'git', 'go'],
    claims: ['Argo CD'],
    load: async () => (await import('./flux/suite.ts')).flux
  },
  {
    name: 'flagger',
    needs: [...controllers, 'flagger', 'go'],
    load: async () => (await import('./flagger/suite.ts')).flagger
  },
  {
    name: 'story',
    needs: [...controllers, 'argocd', 'redis-server', 'flagger', 'kustomize', 'git', 'go'],
    load: async () => (await import('./story/suite.ts')).story
  },
  {
    name: 'image',
    needs: [...cluster, 'kustomize', 'buildah', 'debootstrap', 'unshare', 'setpriv'],
    isOptIn: true,
    load: async () => (await import('./image/suite.ts')).imageSuite
  }
]
