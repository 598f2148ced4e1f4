import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { run } from '../../../bin/run.ts'

const mlgitops = (folder: string, ...args: readonly string[]) => run({ args, env: {}, folder })

t.test('set says where it wrote, and warns of a type that is lost', async t => {
  const folder = t.testdir({ 'a.yaml': 'n: 1.9\ns: x\n', 'b.yaml': 'l: [1, 2]\n' })
  t.strictSame(await mlgitops(folder, 'set', 'a.yaml:n=1.10', 'a.yaml:s=x', 'b.yaml:l[1]=3'), {
    stdout: 'a.yaml:1:4: n set\na.yaml:2:4: s is as asked\nb.yaml:1:8: l.1 set\n',
    stderr: 'mlgitops: warning: a.yaml:1:4: the field was a number and is text now\n',
    exitCode: 0
  })
  t.equal(readFileSync(path.join(folder, 'a.yaml'), 'utf8'), 'n: "1.10"\ns: x\n')
  t.equal(readFileSync(path.join(folder, 'b.yaml'), 'utf8'), 'l: [1, 3]\n')
})

t.test('set writes all fields or none', async t => {
  const folder = t.testdir({ 'a.yaml': 'n: 1\n', 'b.yaml': 'm: 1\n' })
  const { exitCode, stderr } = await mlgitops(folder, 'set', 'a.yaml:n=2', 'b.yaml:x=2')
  t.equal(exitCode, 1)
  t.match(stderr, 'mlgitops: b.yaml:1:1: there is no field x [SET_PATH_MISSING]')
  t.equal(readFileSync(path.join(folder, 'a.yaml'), 'utf8'), 'n: 1\n')
})

t.test('set keeps modes, and does not write through links', async t => {
  const folder = t.testdir({ 'a.sh.yaml': 'n: 1\n' })
  const file = path.join(folder, 'a.sh.yaml')
  execFileSync('chmod', ['750', file])
  symlinkSync('a.sh.yaml', path.join(folder, 'link.yaml'))
  await mlgitops(folder, 'set', 'a.sh.yaml:n=2')
  t.equal(statSync(file).mode & 0o777, 0o750)
  const { exitCode, stderr } = await mlgitops(folder, 'set', 'link.yaml:n=3')
  t.strictSame(
    [exitCode, stderr],
    [
      1,
      'mlgitops: link.yaml: not a regular file [PATH_NOT_FILE]\n  remedy:   Name the file itself, not a link to it.\n'
    ]
  )
})

t.test('set refuses files that are not there or not UTF-8', async t => {
  const folder = t.testdir({ 'a.yaml': '' })
  writeFileSync(path.join(folder, 'a.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xff]))
  t.match(
    (await mlgitops(folder, 'set', 'a.yaml:a=2')).stderr,
    'mlgitops: a.yaml: the file is not UTF-8 [FILE_ENCODING]'
  )
  t.match(
    (await mlgitops(folder, 'set', 'b.yaml:a=2')).stderr,
    'mlgitops: b.yaml: there is no such file [FILE_MISSING]'
  )
})

t.test('a wrong assignment is wrong usage', async t => {
  const folder = t.testdir({})
  for (const argument of ['a.yaml', 'a.yaml:b', 'a.yaml:=1', 'a.yaml:b[x]=1', 'a.yaml#0:b=1']) {
    const { exitCode, stdout } = await mlgitops(folder, 'set', argument)
    t.strictSame([exitCode, stdout], [2, ''], argument)
  }
  t.equal((await mlgitops(folder, 'set')).exitCode, 2)
})

t.test('--commit commits the edited files only, and runs no hook', async t => {
  const folder = t.testdir({
    sub: { 'a.yaml': 'n: 1\n' },
    'other.txt': 'x',
    hooks: { 'pre-commit': '#!/bin/sh\nexit 1\n' }
  })
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8' })
  git('init', '--quiet')
  git('config', 'user.name', 'T')
  git('config', 'user.email', 't@example.com')
  git('add', 'sub')
  git('commit', '--quiet', '--message', 'first')
  git('add', 'other.txt')
  execFileSync('chmod', ['755', path.join(folder, 'hooks/pre-commit')])
  git('config', 'core.hooksPath', path.join(folder, 'hooks'))
  const { stdout, stderr } = await mlgitops(
    folder,
    ...['set', 'sub/a.yaml:n=2', '--commit', 'Set n\n\nTwo is better.']
  )
  const head = git('rev-parse', 'HEAD').trim()
  t.strictSame([stdout, stderr], [`sub/a.yaml:1:4: n set\ncommitted ${head}\n`, ''])
  t.equal(
    git('show', '--format=%B', '--name-only').trim(),
    'Set n\n\nTwo is better.\n\n\nsub/a.yaml'
  )
  t.equal(git('diff', '--cached', '--name-only').trim(), 'other.txt', 'what is staged stays so')
  const again = await mlgitops(folder, 'set', 'sub/a.yaml:n=2', '--commit', 'Again')
  t.equal(again.stdout, 'sub/a.yaml:1:4: n is as asked\n')
})

t.test('set-image sets each field of the image, in a folder', async t => {
  const folder = t.testdir({
    deploy: {
      'a.yaml':
        'spec:\n  containers:\n  - image: r.example.com:5000/churn:1.3 # served\n  - image: r.example.com:5000/churn-base:1\n',
      'b.yml': `image: "r.example.com:5000/churn@sha256:${'a'.repeat(64)}"\n---\nimage: r.example.com:5000/churn\n`,
      'notes.txt': 'image: r.example.com:5000/churn:1\n',
      'template.yaml': '{{- if .Values.x }}\na: 1\n{{- end }}\n'
    }
  })
  const image = 'r.example.com:5000/churn=r.example.com:5000/churn:1.4'
  t.strictSame(await mlgitops(folder, 'set-image', image, 'deploy'), {
    stdout:
      'deploy/a.yaml:3:12: spec.containers.0.image set\ndeploy/b.yml:1:8: image set\ndeploy/b.yml:3:8: image set\n',
    stderr: '',
    exitCode: 0
  })
  t.equal(
    readFileSync(path.join(folder, 'deploy/a.yaml'), 'utf8'),
    'spec:\n  containers:\n  - image: r.example.com:5000/churn:1.4 # served\n  - image: r.example.com:5000/churn-base:1\n'
  )
  t.equal(
    readFileSync(path.join(folder, 'deploy/b.yml'), 'utf8'),
    'image: "r.example.com:5000/churn:1.4"\n---\nimage: r.example.com:5000/churn:1.4\n'
  )
})

t.test('set-image that finds nothing, or no reference, is an error', async t => {
  const folder = t.testdir({ 'a.yaml': 'image: churn:1\n' })
  const none = await mlgitops(folder, 'set-image', 'chur=chur:2', 'a.yaml')
  t.equal(none.exitCode, 1)
  t.match(
    none.stderr,
    'mlgitops: a.yaml: no field names this image [IMAGE_ABSENT]\n  found:    chur\n'
  )
  t.equal((await mlgitops(folder, 'set-image', 'churn=Churn:2:3', 'a.yaml')).exitCode, 2)
  t.equal((await mlgitops(folder, 'set-image', 'churn=churn:2')).exitCode, 2)
  t.match((await mlgitops(folder, 'set-image', 'a=b', 'none')).stderr, '[FILE_MISSING]')
})
