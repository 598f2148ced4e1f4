import t from 'tap'
import { FailureLog } from '../../service/failure-log.ts'
import type { LogFields } from '../../service/log.ts'

t.test('a failure is logged when it starts or changes, and again after a success', t => {
  const log = new FailureLog()
  const lines: LogFields[] = []
  const fail = (fields: LogFields) => {
    log.failed(fields, written => lines.push(written))
  }
  fail({ code: 'A', reason: 'no' })
  fail({ code: 'A', reason: 'no' })
  fail({ code: 'A', reason: 'not yet' })
  fail({ code: 'A', reason: 'no' })
  log.succeeded()
  fail({ code: 'A', reason: 'no' })
  t.same(lines, [
    { code: 'A', reason: 'no' },
    { code: 'A', reason: 'not yet' },
    { code: 'A', reason: 'no' },
    { code: 'A', reason: 'no' }
  ])
  t.end()
})
