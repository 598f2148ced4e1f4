import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { run } from '../../../bin/run.ts'
import { functionCommand } from '../../../plugin/function/function-command.ts'
import { SignedRender } from './signed-render.ts'

const app = new SignedRender()
t.teardown(() => {
  app.remove()
})
const { pub, good } = app.addSigner()
const node = process.execPath

t.test('options that exclude or lack each other are wrong usage', async t => {
  const { folder } = app.repository
  const usage = async (args: readonly string[], env = {}) => {
    const { stdout, stderr, exitCode } = await run({
      args: ['render', 'app', ...args],
      env,
      folder
    })
    t.same([stdout, exitCode], ['', 2])
    return stderr.split('\n')[0]
  }
  t.equal(
    await usage(['--signer', 'x']),
    'mlgitops render: --signer needs --signer-key, the public key that it signs with'
  )
  t.equal(
    await usage(['--signer-key', pub]),
    'mlgitops render: --signer-key is given without --signer'
  )
  t.equal(
    await usage(['--signer', 'x', '--signer-key', pub, '--key', 'k']),
    'mlgitops render: --signer and --key exclude each other'
  )
  t.equal(
    await usage([], {
      MLGITOPS_SIGNER: 'x',
      MLGITOPS_SIGNER_KEY_FILE: pub,
      MLGITOPS_SIGNING_KEY_FILE: 'k'
    }),
    'mlgitops render: MLGITOPS_SIGNER and MLGITOPS_SIGNING_KEY_FILE exclude each other'
  )
  t.equal(
    await usage(['--signer', 'x | y', '--signer-key', pub]),
    'mlgitops render: --signer cannot be split: "|" is not quoted, and no shell runs the program'
  )
  t.equal(
    await usage(['--signer', ' ', '--signer-key', pub]),
    'mlgitops render: --signer names no program'
  )
  const wrongKey = await app.render('x', path.join(app.folder, 'signer.pem'))
  t.match(wrongKey.stderr, /^mlgitops: --signer-key: the key cannot be read \[KEY_INVALID\]\n/)
})

t.test('under Argo CD no program comes from the repository', async t => {
  const commit = app.repository.git('rev-parse', 'HEAD')
  const env = {
    PATH: process.env.PATH,
    ARGOCD_APP_NAME: 'app',
    ARGOCD_APP_NAMESPACE: 'ml',
    ARGOCD_APP_PROJECT_NAME: 'p',
    ARGOCD_APP_REVISION: commit,
    ARGOCD_APP_SOURCE_PATH: 'app',
    ARGOCD_APP_SOURCE_REPO_URL: 'https://git.example.com/x.git',
    ARGOCD_APP_SOURCE_TARGET_REVISION: 'main',
    ARGOCD_APP_PARAMETERS: '[]',
    MLGITOPS_SIGNER_KEY_FILE: pub
  }
  const folder = path.join(app.repository.folder, 'app')
  const render = (signer: string) =>
    run({ args: ['render', '.'], env: { ...env, MLGITOPS_SIGNER: signer }, folder })
  const relative = await render('./sign.sh')
  t.same([relative.stdout, relative.exitCode], ['', 2])
  t.match(
    relative.stderr,
    "MLGITOPS_SIGNER must name a program in PATH or by its absolute path: the current folder is the repository's"
  )
  const where = app.script('where.sh', `pwd > '${app.folder}/where'; exec '${node}' '${good}'`)
  const { stdout, stderr, exitCode } = await render(`'${where}'`)
  t.same([stderr, exitCode], ['', 0])
  t.equal(readFileSync(path.join(app.folder, 'where'), 'utf8'), '/\n')
  t.equal((await app.check(stdout, pub)).exitCode, 0)
})

t.test('a signer signs for mlgitops fn', async t => {
  const folder = path.join(app.repository.folder, 'app')
  const list = {
    apiVersion: 'config.kubernetes.io/v1',
    kind: 'ResourceList',
    functionConfig: {
      apiVersion: 'mlgitops.io/v1alpha1',
      kind: 'RenderGenerator',
      metadata: { name: 'x' },
      spec: { path: '.' }
    },
    items: []
  }
  const answer = (args: readonly string[]) =>
    functionCommand({ args, env: { PATH: process.env.PATH }, folder }, () =>
      Promise.resolve(JSON.stringify(list))
    )
  const signed = await answer(['--signer', `'${node}' '${good}'`, '--signer-key', pub])
  t.same([signed.stderr, signed.exitCode], ['', 0])
  t.equal(signed.stdout.match(/mlgitops\.io\/attestation:/g)?.length, 3)
  const broken = await answer(['--signer', 'false', '--signer-key', pub])
  t.equal(broken.exitCode, 1)
  t.match(broken.stderr, '--signer: the signer failed [SIGNER_FAILED]')
  t.notMatch(broken.stdout, 'mlgitops.io/attestation')
})
