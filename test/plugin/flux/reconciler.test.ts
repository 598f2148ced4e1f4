import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { Reconciler } from '../../../plugin/flux/reconciler.ts'
import type { ReconcilerOptions } from '../../../plugin/flux/reconciler.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import { OwnWrites } from '../../../service/kubernetes/own-writes.ts'

const spec = { sourceRef: { kind: 'GitRepository', name: 'repo' }, path: 'app' }

function releaseOf(uid: string, given: JsonObject): ApiObject {
  const metadata = { namespace: 'ml', name: 'iris', uid, resourceVersion: '1' }
  const body = { apiVersion: 'mlgitops.io/v1alpha1', kind: 'ModelRelease', metadata, spec: given }
  return { ...metadata, generation: 1, body }
}

for (const [what, given] of [
  ['is invalid', { nope: 1 }],
  ['is suspended', { ...spec, suspend: true }],
  ['is rendered', spec]
] as const) {
  t.test(
    `the state of a release that ${what} is dropped when it is deleted or replaced`,
    async t => {
      const ownWrites = new OwnWrites()
      const forgotten: string[] = []
      const forget = (uid: string) => forgotten.push(uid)
      let release: ApiObject | undefined = releaseOf('first', given)
      const state = { kind: 'failed', reason: 'SourceNotReady', message: 'no' } as const
      const reconciler = new Reconciler({
        ownWrites,
        find: () => release,
        client: { patch: () => Promise.resolve(release) },
        renderings: {
          render: () => Promise.resolve({ state, isWorthRetrying: false }),
          restore: () => Promise.resolve(undefined),
          forget
        },
        publications: { forget },
        reporter: {
          report: (object: ApiObject) => {
            ownWrites.add(object, { ...object, resourceVersion: '2' })
            return Promise.resolve()
          }
        },
        enqueue: () => undefined,
        random: () => 0.5
      } as unknown as ReconcilerOptions)
      await reconciler.reconcile('ml/iris')
      t.same(forgotten, [])
      release = releaseOf('second', given)
      await reconciler.reconcile('ml/iris')
      t.same(
        forgotten,
        ['first', 'first'],
        'it was deleted and created again between two reconciliations'
      )
      release = undefined
      await reconciler.reconcile('ml/iris')
      t.same(forgotten, ['first', 'first', 'second', 'second'])
      for (const uid of ['first', 'second']) {
        t.equal(ownWrites.newest(releaseOf(uid, given)).resourceVersion, '1')
      }
    }
  )
}
