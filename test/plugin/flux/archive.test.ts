import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { describeFault, Fault } from '../../../common/fault.ts'
import { writeArchive } from '../../../plugin/flux/artifact/write-archive.ts'
import { unpack } from '../../../plugin/flux/source/unpack.ts'
import { faultText } from '../../fault-text.ts'
import { archiveOf, paxRecord } from './hostile-archive.ts'
import type { Entry } from './hostile-archive.ts'

const work = mkdtempSync(path.join(tmpdir(), 'mlgitops-archive-'))
t.teardown(() => {
  rmSync(work, { recursive: true })
})
const limits = { maxBytes: 1024 * 1024, maxEntries: 100 }
let count = 0

/** Unpacks an archive, and returns the folder or the text of the fault. */
async function unpacked(archive: Buffer, more: Partial<typeof limits> = {}): Promise<string> {
  const at = path.join(work, String(count++))
  mkdirSync(path.join(at, 'files'), { recursive: true })
  writeFileSync(path.join(at, 'archive'), archive)
  const [file, folder] = [path.join(at, 'archive'), path.join(at, 'files')]
  try {
    await unpack(file, folder, { ...limits, ...more }, new AbortController().signal)
  } catch (error) {
    if (error instanceof Fault) return describeFault(error)
    throw error
  }
  return folder
}

t.test('tar reads an archive, whose bytes are always the same', t => {
  const files = new Map([
    ['manifests.yaml', Buffer.from('a: 1\n')],
    ['kustomization.yaml', Buffer.from('resources: [manifests.yaml]\n')],
    ['empty', Buffer.alloc(0)]
  ])
  const archive = writeArchive(files)
  const digest = createHash('sha256').update(gunzipSync(archive)).digest('hex')
  t.equal(digest, 'f869ef0a94c73c322f35dadafb302fa55010566e95628612312350490faa84e2')
  t.same(archive, writeArchive(new Map([...files].reverse())), 'sorted by name')
  const folder = path.join(work, 'by-tar')
  mkdirSync(folder)
  writeFileSync(path.join(work, 'x.tar.gz'), archive)
  execFileSync('tar', ['-xzf', path.join(work, 'x.tar.gz'), '-C', folder])
  t.same(readdirSync(folder).sort(), ['empty', 'kustomization.yaml', 'manifests.yaml'])
  for (const [name, content] of files) t.same(readFileSync(path.join(folder, name)), content)
  t.equal(statSync(path.join(folder, 'kustomization.yaml')).mode & 0o777, 0o600)
  const listed = execFileSync('tar', [
    '--utc',
    '--numeric-owner',
    '-tvzf',
    path.join(work, 'x.tar.gz')
  ])
  t.match(listed.toString(), /^-rw------- 0\/0 +0 1970-01-01 00:00 empty\n/)
  t.end()
})

t.test('file names that consumers refuse are refused', t => {
  for (const name of ['', '/a', 'a\\b', 'foo../a.yaml', 'x'.repeat(101)]) {
    t.match(
      faultText(() => writeArchive(new Map([[name, Buffer.alloc(0)]]))),
      /ARCHIVE_NAME/
    )
  }
  t.end()
})

t.test('archives of tar and git are unpacked: long names, folders, large files', async t => {
  const from = path.join(work, 'from')
  const long = `${'long-folder-name/'.repeat(7)}${'n'.repeat(120)}.yaml`
  mkdirSync(path.dirname(path.join(from, long)), { recursive: true })
  writeFileSync(path.join(from, long), 'long')
  writeFileSync(path.join(from, 'a.yaml'), 'a')
  writeFileSync(path.join(from, 'large'), Buffer.alloc(9 * 1024 * 1024, 1))
  for (const format of ['gnu', 'pax', 'ustar']) {
    const excluded = format === 'ustar' ? ['--exclude=long-folder-name'] : []
    const archive = execFileSync('tar', [`--format=${format}`, ...excluded, '-czf', '-', '.'], {
      cwd: from,
      maxBuffer: 1 << 26
    })
    const folder = await unpacked(archive, { maxBytes: 1 << 26 })
    t.equal(readFileSync(path.join(folder, 'a.yaml'), 'utf8'), 'a', format)
    if (format !== 'ustar') t.equal(readFileSync(path.join(folder, long), 'utf8'), 'long')
    t.equal(statSync(path.join(folder, 'large')).size, 9 * 1024 * 1024, 'the size is kept')
    t.equal(statSync(path.join(folder, 'large')).blocks, 0, 'the content is not')
  }
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: from,
      maxBuffer: 1 << 26,
      stdio: ['ignore', 'pipe', 'ignore']
    })
  git('init', '-q')
  git('add', '-A')
  git('-c', 'user.name=T', '-c', 'user.email=t@t', 'commit', '-qm', 'x')
  const folder = await unpacked(git('archive', '--format=tar.gz', 'HEAD'), { maxBytes: 1 << 26 })
  t.equal(readFileSync(path.join(folder, 'a.yaml'), 'utf8'), 'a')
  t.notOk(readdirSync(folder).includes('pax_global_header'))
})

t.test('hostile archives are refused, and nothing is written outside the folder', async t => {
  const file = (name: string, more: Partial<Entry> = {}): Entry => ({ name, content: 'x', ...more })
  const cases: readonly (readonly [readonly Entry[], string])[] = [
    [
      [file('../a')],
      'a name in the archive is outside its folder [SOURCE_ARCHIVE]\n  found:    "../a"'
    ],
    [[file('a/../../b')], 'is outside its folder'],
    [[file('/etc/passwd')], 'is outside its folder'],
    [[file('a\\b')], 'is outside its folder'],
    [[file('')], 'is outside its folder'],
    [
      [file('x', { type: 'x', content: paxRecord('path', '../../b') }), file('a')],
      'is outside its folder'
    ],
    [[file('x', { type: 'L', content: '/abs\0' }), file('a')], 'is outside its folder'],
    [
      [file('link', { type: '2', content: '' })],
      'the archive has an entry that is not a file or a folder [SOURCE_ARCHIVE]\n  found:    type "2" at "link"'
    ],
    [[file('hard', { type: '1', content: '' })], 'type "1"'],
    [[file('device', { type: '3', content: '' })], 'type "3"'],
    [[file('fifo', { type: '6', content: '' })], 'type "6"'],
    [[file('a'), file('./a')], '"a" is duplicated in the archive'],
    [[file('a'), file('a/b')], '"a" is both a file and a folder in the archive'],
    [[file('a/b'), file('a')], '"a" is duplicated'],
    [[file('a', { checksum: '0000000\0' })], 'a header of the archive is damaged'],
    [[file('a', { size: '77777777777\0' })], 'the archive is truncated'],
    [[file('a', { size: 'nonsense\0' })], 'the size of an archive entry is invalid'],
    [
      [file('x', { type: 'x', content: paxRecord('size', '-1') }), file('a')],
      'the size of an archive entry is invalid'
    ],
    [
      [file('x', { type: 'x', content: 'nonsense' }), file('a')],
      'an extended header of the archive is damaged'
    ],
    [
      [file('x', { type: 'x', content: Buffer.alloc(70_000) })],
      'an extended header of the archive is too large'
    ],
    [
      Array.from({ length: 101 }, (_, index) => file(`f${index}`)),
      'the archive has too many entries [SOURCE_TOO_LARGE]\n  expected: at most 100'
    ]
  ]
  for (const [entries, message] of cases) t.match(await unpacked(archiveOf(entries)), message)
  t.match(
    await unpacked(Buffer.from('no gzip')),
    'cannot unpack the archive [SOURCE_ARCHIVE]\n  found:    Z_DATA_ERROR'
  )
  t.match(await unpacked(archiveOf([file('a')], Buffer.alloc(0))), 'the archive is truncated')
  t.notOk(readdirSync(work).includes('b'))
})

t.test('a decompression bomb is stopped at the limit', async t => {
  const bomb = archiveOf([{ name: 'bomb', content: Buffer.alloc(64 * 1024 * 1024) }])
  t.ok(bomb.length < 100_000)
  t.equal(
    await unpacked(bomb),
    'the unpacked archive is too large [SOURCE_TOO_LARGE]\n  expected: at most 1048576 bytes'
  )
  const entries = Array.from({ length: 30_000 }, (_, index) => ({ name: `f${index}` }))
  t.match(await unpacked(archiveOf(entries), { maxBytes: 1 << 26 }), 'too many entries')
})
