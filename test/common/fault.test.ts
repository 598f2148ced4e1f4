import t from 'tap'
import { Fault, isFault } from '../../common/fault.ts'

t.test('isFault is true for a Fault of any code, and for nothing else', t => {
  t.equal(isFault(new Fault('FILE_UNREADABLE', 'the file cannot be read')), true)
  t.equal(isFault(new Error('the file cannot be read')), false)
  t.equal(isFault({ name: 'Fault', code: 'FILE_UNREADABLE', message: '', details: {} }), false)
  t.equal(isFault(undefined), false)
  t.end()
})
