import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Script } from 'node:vm'
import t from 'tap'
import { cachedParts, codeCacheHeader } from '../../bin/bundle/code-cache.ts'
import { shortProgram } from '../../bin/bundle/link.ts'
import { buildInto } from '../built.ts'

/** A built program, and the example repository outside of any Git work tree. */
const work = mkdtempSync(path.join(tmpdir(), 'mlgitops-code-cache-'))
t.teardown(() => {
  rmSync(work, { recursive: true })
})
const dist = path.join(work, 'dist')
buildInto(dist)
cpSync('manifests/examples/mlops-repo', path.join(work, 'repo'), { recursive: true })
// Without Git history, the model commit that the audit names is not known.
rmSync(path.join(work, 'repo/models/churn-prediction/bias_audit.md'))

const program = path.join(dist, 'render.js')
const cacheFile = path.join(dist, 'render-exported.cache')
const source = readFileSync(program, 'latin1')
const cache = readFileSync(cacheFile)
const [header] = cache.toString('latin1').split('\n', 1)
const [build = ''] = (header ?? '').split(' ')
const files = { build, fileOf: {} }
const headerBytes = codeCacheHeader(files).length

function render(...flags: readonly string[]) {
  const args = ['models/churn-prediction', '--environment', 'staging', '--revision', 'a'.repeat(40)]
  const main = path.join(dist, 'mlgitops.js')
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...flags, main, 'render', ...args],
    {
      cwd: path.join(work, 'repo'),
      encoding: 'utf8',
      env: { PATH: process.env.PATH }
    }
  )
  return { stdout, stderr, status }
}

t.test('V8 accepts the code cache of the build, which has no path of the machine', t => {
  t.equal(header?.trimEnd(), `${build} ${process.version} ${process.arch}`)
  t.match(build, /^[0-9a-f]{64}$/)
  const script = new Script(source, { cachedData: cache.subarray(headerBytes) })
  t.equal(script.cachedDataRejected, false)
  for (const folder of [process.cwd(), work]) t.equal(cache.includes(folder), false)
  t.end()
})

t.test('The chunks come from the cache only if it is of this build, Node and processor', t => {
  t.type(cachedParts(program, files, 'exported')?.[shortProgram], 'function')
  const others = {
    'another build': `${'0'.repeat(64)} ${process.version} ${process.arch}`,
    'another Node': `${build} v22.18.0 ${process.arch}`,
    'another processor': `${build} ${process.version} riscv64`
  }
  for (const [name, first] of Object.entries(others)) {
    const text = Buffer.from(first.padEnd(headerBytes - 1) + '\n')
    writeFileSync(cacheFile, Buffer.concat([text, cache.subarray(headerBytes)]))
    t.equal(cachedParts(program, files, 'exported'), undefined, name)
  }
  writeFileSync(cacheFile, cache)
  writeFileSync(program, source.replace(build, '0'.repeat(64)))
  t.equal(
    cachedParts(program, files, 'exported'),
    undefined,
    'a source of another build, of the same length'
  )
  writeFileSync(program, source)
  t.end()
})

t.test('The output is the same with any cache, without one, and under other flags of V8', t => {
  const expected = render()
  t.equal(expected.status, 0, expected.stderr)
  const own = cache.subarray(0, headerBytes)
  const foreign = Buffer.from(cache)
  // The second word is a digest of V8's version.
  foreign.writeUInt8(foreign.readUInt8(headerBytes + 4) ^ 1, headerBytes + 4)
  const caches = {
    'of another version of V8': foreign,
    'cut off': cache.subarray(0, cache.length >> 1),
    'without data': own,
    'with other data': Buffer.concat([own, Buffer.alloc(100_000, 'x')]),
    'of another build': Buffer.concat([
      Buffer.alloc(headerBytes, 'x'),
      cache.subarray(headerBytes)
    ]),
    empty: Buffer.alloc(0)
  }
  for (const [name, bytes] of Object.entries(caches)) {
    writeFileSync(cacheFile, bytes)
    t.same(render(), expected, name)
  }
  rmSync(cacheFile)
  t.same(render(), expected, 'no cache')
  writeFileSync(cacheFile, cache)
  t.same(render('--no-opt'), expected, 'other flags')
  t.same(render(), expected)
  t.end()
})
