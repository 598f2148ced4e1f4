import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { run } from '../../../bin/run.ts'
import { readTrustedKey } from '../../../evidence/attestation/key.ts'
import { signByProgram } from '../../../plugin/signer/program-signer.ts'
import { eventually } from '../../eventually.ts'
import { rejectedFaultText } from '../../fault-text.ts'
import { isRunning } from '../../process-tree.ts'
import { SignedRender } from './signed-render.ts'

const app = new SignedRender()
t.teardown(() => {
  app.remove()
})
const { pub, good } = app.addSigner()
const node = process.execPath
const script = (name: string, text: string) => app.script(name, text)
/** 0 until the script has written it. */
function pidOf(name: string): number {
  const file = path.join(app.folder, name)
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
}

/** Signs without a render, with limits for tests. */
const signBy = (
  file: string,
  limits = { timeoutMs: 60_000, maxOutputBytes: 16_384 },
  signal?: AbortSignal
) =>
  signByProgram(
    {
      program: { file, args: [], env: { PATH: process.env.PATH }, folder: app.folder },
      publicKey: readTrustedKey(readFileSync(pub, 'utf8'), 'signer.pub'),
      where: '--signer',
      limits
    },
    Buffer.from('message'),
    signal
  )

t.test('a signature in DER or as r and s, with white space around it, is accepted', async t => {
  for (const more of ['', 'der', 'ieee-p1363', `der '' '\n'`, `der ' \n\t' '\r\n\n'`]) {
    const { stdout, stderr, exitCode } = await app.render(`'${node}' '${good}' ${more}`, pub)
    t.same([stderr, exitCode], ['', 0], more)
    t.equal((await app.check(stdout, pub)).exitCode, 0, more)
  }
})

t.test('the environment is passed on, in each command that signs', async t => {
  const text = `[ "$VAULT_TOKEN" = s.4711 ] || exit 8\nexec '${node}' '${good}'`
  const file = script('token.sh', text)
  const env = { PATH: process.env.PATH, VAULT_TOKEN: 's.4711' }
  const variables = { ...env, MLGITOPS_SIGNER: file, MLGITOPS_SIGNER_KEY_FILE: pub }
  const { folder } = app.repository
  const rendered = await run({ args: ['render', 'app'], env: variables, folder })
  t.same([rendered.stderr, rendered.exitCode], ['', 0])
  t.equal((await app.check(rendered.stdout, pub)).exitCode, 0)
  const without = await run({
    args: ['render', 'app'],
    env: { ...variables, VAULT_TOKEN: '' },
    folder
  })
  t.match(
    without.stderr,
    /^mlgitops: MLGITOPS_SIGNER: the signer failed \[SIGNER_FAILED\]\n {2}found: {4}token\.sh: exit code 8\n/
  )
})

t.test('each way in which a signer can fail is an error, and nothing is printed', async t => {
  const signature = Buffer.alloc(70, 0x30).toString('base64')
  const cases: readonly (readonly [string, string, RegExp])[] = [
    [
      'nothing',
      'cat > /dev/null',
      /\[SIGNER_OUTPUT\]\n {2}found: {4}nothing\.sh: 0 bytes that are not base64\n {2}expected: the signature in base64 on stdout, and nothing else\n/
    ],
    ['white', 'cat > /dev/null; echo', /\[SIGNER_OUTPUT\]/],
    [
      'garbage',
      'cat > /dev/null; echo "vault:v1:AAAA"',
      /\[SIGNER_OUTPUT\]\n {2}found: {4}garbage\.sh: 14 bytes/
    ],
    ['words', 'cat > /dev/null; echo AAAA BBBB', /\[SIGNER_OUTPUT\]/],
    ['binary', `cat > /dev/null; printf '\\000\\377\\001'`, /\[SIGNER_OUTPUT\]/],
    [
      'other',
      `cat > /dev/null; echo ${signature}`,
      /the signature does not verify with --signer-key \[SIGNER_KEY\]\n {2}found: {4}70 bytes\n {2}expected: an ECDSA P-256 signature of stdin with SHA-256, in DER or as r and s\n/
    ],
    [
      'zero',
      `cat > /dev/null; head -c 64 /dev/zero | base64`,
      /\[SIGNER_KEY\]\n {2}found: {4}64 bytes/
    ],
    [
      'fails',
      'echo no such key >&2; exit 3',
      /the signer failed \[SIGNER_FAILED\]\n {2}found: {4}fails\.sh: exit code 3; stderr: no such key\n/
    ],
    [
      'late',
      `'${node}' '${good}'; exit 1`,
      /\[SIGNER_FAILED\]\n {2}found: {4}late\.sh: exit code 1\n/
    ],
    ['dies', 'kill -9 $$', /\[SIGNER_FAILED\]\n {2}found: {4}dies\.sh: signal SIGKILL\n/],
    ['closes', 'exec 0<&-; echo AAAA', /\[SIGNER_KEY\]/],
    [
      'floods',
      'exec yes',
      /the signer was stopped \[SIGNER_LIMIT\]\n {2}found: {4}floods\.sh: more than 16384 bytes of output\n/
    ],
    [
      'shouts',
      'head -c 3000000 /dev/zero | tr "\\000" x >&2; echo end >&2; exit 1',
      /\[SIGNER_FAILED\]\n {2}found: {4}shouts\.sh: exit code 1; stderr: x{900,1000}…\n/
    ]
  ]
  for (const [name, text, expected] of cases) {
    const { stdout, stderr, exitCode } = await app.render(`'${script(`${name}.sh`, text)}'`, pub)
    t.same([stdout, exitCode], ['', 1], name)
    t.match(stderr, expected, name)
    t.ok(stderr.length < 2_000, name)
  }
})

t.test('a signer that cannot be started is an error', async t => {
  const cases = [
    ['absent', 'absent: ENOENT'],
    ['./absent.sh', 'absent.sh: ENOENT'],
    [pub, 'signer.pub: EACCES'],
    [app.folder, 'signer: EACCES']
  ] as const
  for (const [signer, found] of cases) {
    const { stdout, stderr, exitCode } = await app.render(`'${signer}' --pin 4711`, pub)
    t.same([stdout, exitCode], ['', 1])
    t.equal(
      stderr,
      `mlgitops: --signer: the signer cannot be started [SIGNER_MISSING]\n  found:    ${found}\n  expected: an executable program in PATH, or its path\n`
    )
  }
})

t.test('secrets of the environment and of arguments are not in the error', async t => {
  // Only these: the error keeps the end of what the signer says, and a test runner's environment is long.
  const file = script(
    'env.sh',
    'env | grep -iE \'^(VAULT|AWS|HSM|HTTPS)_\' >&2; echo "$@" >&2; exit 1'
  )
  const secrets = {
    VAULT_TOKEN: 's.very-secret',
    AWS_SECRET_ACCESS_KEY: 'aws/secret+key',
    HSM_PIN: '4711',
    https_proxy: 'http://user:pass-word@proxy:1'
  }
  const { stderr } = await app.render(
    `'${file}' --pin 8899 --token=tok-1234 uri?pin-value=5566`,
    pub,
    secrets
  )
  t.match(stderr, 'VAULT_TOKEN=***')
  for (const secret of [...Object.values(secrets), 'pass-word', '8899', 'tok-1234', '5566']) {
    t.notMatch(stderr, secret)
  }
})

t.test(
  'a signer that hangs is killed with its children, and so is what one leaves behind',
  async t => {
    const hangs = script('hangs.sh', 'sleep 1000 & echo $! > hangs.pid; echo waiting >&2; wait')
    t.equal(
      await rejectedFaultText(signBy(hangs, { timeoutMs: 5_000, maxOutputBytes: 100 })),
      '--signer: the signer was stopped [SIGNER_LIMIT]\n  found:    hangs.sh: more than 5 seconds; stderr: waiting'
    )
    await eventually(() => !isRunning(pidOf('hangs.pid')))
    const leaves = script(
      'leaves.sh',
      `cd '${app.folder}'; sleep 1000 & echo $! > leaves.pid; exec '${node}' '${good}'`
    )
    t.equal((await app.render(leaves, pub)).exitCode, 0)
    await eventually(() => !isRunning(pidOf('leaves.pid')))
  }
)

t.test('an aborted signer is killed', async t => {
  const end = new AbortController()
  const file = script('aborted.sh', 'echo $$ > aborted.pid; exec sleep 1000')
  const signed = rejectedFaultText(signBy(file, undefined, end.signal))
  await eventually(() => pidOf('aborted.pid') > 0)
  end.abort()
  const stopped = '--signer: the signer was stopped with the render [SIGNER_FAILED]'
  t.equal(await signed, stopped)
  await eventually(() => !isRunning(pidOf('aborted.pid')))
  t.equal(await rejectedFaultText(signBy(file, undefined, AbortSignal.abort())), stopped)
})

t.test('a signal that ends the render ends the signer', async t => {
  const file = script('slow.sh', `echo $$ > '${app.folder}/slow.pid'; exec sleep 1000`)
  const args = [
    'bin/mlgitops.ts',
    'render',
    path.join(app.repository.folder, 'app'),
    '--signer',
    `'${file}'`,
    '--signer-key',
    pub
  ]
  const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  const ended = new Promise(resolve => {
    child.once('close', (code, signal) => {
      resolve([code, signal])
    })
  })
  await eventually(() => pidOf('slow.pid') > 0)
  child.kill('SIGTERM')
  t.same(await ended, [null, 'SIGTERM'])
  t.equal(printed, '')
  await eventually(() => !isRunning(pidOf('slow.pid')))
})

const hasSetsid = spawnSync('setsid', ['true']).status === 0
t.test(
  'a process that left the group and holds stdout open does not hold the render',
  { skip: hasSetsid ? false : 'setsid was not found' },
  async t => {
    const file = script(
      'left.sh',
      `setsid sleep 1000 & echo $! > '${app.folder}/left.pid'; exec '${node}' '${good}'`
    )
    t.equal((await app.render(`'${file}'`, pub)).exitCode, 0)
    if (isRunning(pidOf('left.pid'))) process.kill(pidOf('left.pid'))
  }
)
