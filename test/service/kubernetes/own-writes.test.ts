import t from 'tap'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import { OwnWrites } from '../../../service/kubernetes/own-writes.ts'

const at = (resourceVersion: string, uid = 'a'): ApiObject => ({
  ...{ namespace: 'ml', name: 'iris', uid, resourceVersion, generation: 1 },
  body: { metadata: { name: 'iris', resourceVersion } }
})

t.test('an object that we wrote is known until the informer has it', t => {
  const writes = new OwnWrites()
  t.same(writes.newest(at('1')), at('1'), 'nothing was written')
  writes.add(at('1'), at('2'))
  writes.add(at('2'), at('3'))
  t.same(writes.newest(at('1')), at('3'))
  t.same(writes.newest(at('2')), at('3'), 'the watch is on its way')
  t.same(writes.newest(at('1', 'b')), at('1', 'b'), 'another object of that name')
  t.same(writes.newest(at('3')), at('3'), 'it has come')
  t.same(writes.newest(at('1')), at('1'), 'and nothing is remembered any more')
  writes.add(at('3'), at('4'))
  t.same(writes.newest(at('9')), at('9'), 'somebody else wrote after us')
  writes.add(at('9'), at('9'))
  t.same(writes.newest(at('9')), at('9'), 'a write that changed nothing')
  writes.add(at('9'), at('10'))
  writes.forget('a')
  t.same(writes.newest(at('9')), at('9'))
  t.end()
})
