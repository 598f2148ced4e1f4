import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'

t.test('the commands of docs/registry.md do what it says', t => {
  const page = readFileSync('docs/registry.md', 'utf8')
  const work = t.testdir({
    tools: {},
    models: {
      'model.pkl': 'weights',
      'values.yaml': 'model:\n  version: "1.3" # served\n',
      'models/churn': {},
      deploy: { 'job.yaml': 'spec:\n  image: "registry.example.com/churn:1.3" # served\n' }
    }
  })
  const repository = path.join(work, 'models')
  mkdirSync(path.join(repository, 'models/churn'), { recursive: true })
  writeFileSync(path.join(repository, 'models/churn/train.py'), 'print("train")\n')
  const npx = path.join(work, 'tools/npx')
  writeFileSync(
    npx,
    `#!/bin/sh\nshift\nexec '${process.execPath}' '${path.resolve('bin/mlgitops.js')}' "$@"\n`
  )
  chmodSync(npx, 0o755)
  const shell = (script: string) => {
    const env = {
      PATH: `${path.join(work, 'tools')}:${process.env.PATH ?? ''}`,
      HOME: work,
      GIT_AUTHOR_NAME: 'T',
      GIT_AUTHOR_EMAIL: 't@example.com',
      GIT_COMMITTER_NAME: 'T',
      GIT_COMMITTER_EMAIL: 't@example.com'
    }
    const options = { cwd: repository, env, encoding: 'utf8' } as const
    const { status, stdout, stderr } = spawnSync('sh', ['-e', '-c', script], options)
    t.equal(status, 0, stderr)
    return stdout
  }
  shell(
    'git init -q -b main && git add -A && git commit -qm "Train" && git clone -q --bare . ../models.git'
  )
  const commands = [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block)
  const printed = [...page.matchAll(/^```text\n([^]*?)^```$/gm)].map(([, block = '']) => block)
  t.strictSame([commands.length, printed.length], [6, 2])
  const [register = '', promote = '', rollback = '', history = '', set = '', image = ''] = commands
  t.equal(shell(register).replace(/"[0-9a-f]{40}"/, '"…"'), printed[0])
  shell(promote)
  const promotion = readFileSync(path.join(repository, 'promotion.json'), 'utf8')
  const { branch = '', title } = JSON.parse(promotion) as Record<string, string>
  t.equal(title, 'Promote churn 1.4 to production')
  // Two models have been in production.
  shell(`git -C ../models.git update-ref refs/heads/main ${branch}`)
  shell(register.replaceAll('1.4', '1.5').replace('3c1b', '4d2c').replace('staging', 'production'))
  t.match(shell(rollback), /^Roll back churn to 1\.4 in production\n\np99 rose to 140 ms\n\n/)
  t.equal(shell(history).split('\n').length, 5)
  t.equal(shell(set), printed[1])
  t.match(shell(image), /^deploy\/job\.yaml:2:10: spec\.image set\ncommitted [0-9a-f]{40}\n$/)
  t.equal(
    readFileSync(path.join(repository, 'values.yaml'), 'utf8'),
    'model:\n  version: "1.10" # served\n'
  )
  t.equal(
    shell('git show --format= -U0 HEAD').split('\n').at(-2),
    '+  image: "registry.example.com/churn:1.4" # served',
    'the commit has the image and not values.yaml'
  )
  t.end()
})
