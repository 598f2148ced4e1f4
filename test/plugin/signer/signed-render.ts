import { generateKeyPairSync } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { CommandResult } from '../../../common/command.ts'
import { run } from '../../../bin/run.ts'
import { TestRepository } from '../repository.ts'

const pod = (name: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ml}\nspec: {containers: [{name: c, image: 'host/i:1'}]}\n`

const policy = `apiVersion: mlgitops.io/v1alpha1
kind: ModelPolicy
metadata: {name: p}
spec:
  validationActions: [Deny]
  matchConstraints: {roles: [run]}
  rules: [{provenance: {}}]
`

/** A repository with three Pods, and beside it a folder for keys, signers and policies. */
export class SignedRender {
  readonly repository = new TestRepository({
    'app/pods.yaml': [pod('a'), pod('b'), pod('c')].join('---\n')
  })
  /** Not part of the work tree: files in it do not make it dirty. */
  readonly folder = path.join(this.repository.folder, '.git/signer')

  constructor() {
    mkdirSync(path.join(this.folder, 'policies'), { recursive: true })
    this.write('policies/p.yaml', policy)
  }

  write(name: string, content: string | Buffer, mode = 0o644): string {
    const file = path.join(this.folder, name)
    writeFileSync(file, content, { mode })
    return file
  }

  /** Writes an executable shell script. */
  script(name: string, text: string): string {
    return this.write(name, `#!/bin/sh\n${text}\n`, 0o755)
  }

  /**
   * Writes a P-256 key and a Node script that signs stdin with it. The arguments of the script are the
   * encoding, `der` or `ieee-p1363`, and texts before and after the base64.
   */
  addSigner(): { readonly pub: string; readonly good: string } {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const secret = JSON.stringify(this.write('signer.pem', pem, 0o600))
    const good = `const { readFileSync } = require('node:fs')
const { sign } = require('node:crypto')
const [encoding = 'der', before = '', after = ''] = process.argv.slice(2)
const message = readFileSync(0)
if (!message.toString().startsWith('DSSEv1 38 application/vnd.mlgitops.batch.v1+json ')) process.exit(9)
const signature = sign('sha256', message, { key: readFileSync(${secret}), dsaEncoding: encoding })
process.stdout.write(before + signature.toString('base64') + after)
`
    return {
      pub: this.write('signer.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString()),
      good: this.write('good.cjs', good)
    }
  }

  /** Renders in this process, with a signer. */
  render(signer: string, publicKey: string, env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
    const args = ['render', 'app', '--signer', signer, '--signer-key', publicKey]
    return run({
      args,
      env: { PATH: process.env.PATH, ...env },
      folder: this.repository.folder
    })
  }

  /** Renders by a built bundle, in a process of its own. */
  renderBy(bundle: string, signer: string, publicKey: string, env: NodeJS.ProcessEnv = {}) {
    const args = [bundle, 'render', 'app', '--signer', signer, '--signer-key', publicKey]
    return spawnSync(process.execPath, args, {
      cwd: this.repository.folder,
      env: { ...process.env, ...env },
      encoding: 'utf8'
    })
  }

  /** What `mlgitops check` with this public key says about manifests. */
  check(manifests: string, publicKey: string): Promise<CommandResult> {
    const file = this.write('manifests.yaml', manifests)
    const policies = path.join(this.folder, 'policies')
    return run({
      args: ['check', file, '--policies', policies, '--keys', publicKey],
      env: {},
      folder: this.folder
    })
  }

  remove(): void {
    this.repository.remove()
  }
}
