import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { JsonObject } from '../../../common/json.ts'
import { DemoRepository, digestOf, models } from '../../../bin/demo/repository.ts'
import { renderSigned } from '../../../bin/demo/rendered.ts'
import { run } from '../../../bin/run.ts'

/** The example repository in its own work tree, with valid bias audits and a signing key. */
export class ModelRepository {
  readonly git: DemoRepository
  readonly #keys: string

  private constructor(git: DemoRepository, keys: string) {
    this.git = git
    this.#keys = keys
  }

  /**
   * @param namespaces the namespace of each environment, instead of the example's
   */
  static async create(
    folder: string,
    namespaces: Readonly<Record<string, string>>
  ): Promise<ModelRepository> {
    const git = new DemoRepository(path.join(folder, 'mlops-repo'))
    for (const [environment, namespace] of Object.entries(namespaces)) {
      const file = path.join(git.folder, `configs/${environment}.yaml`)
      const text = readFileSync(file, 'utf8')
      writeFileSync(
        file,
        text.replace(/^kubernetesNamespace: .*$/m, `kubernetesNamespace: ${namespace}`)
      )
    }
    const modelCommit = git.commit('Models, configurations and platform')
    for (const model of models) {
      const audit = git.readAudit(model)
      const date = new Date().toISOString().slice(0, 10)
      if (audit === undefined) continue
      const modelDigest = await digestOf(git.folder, model)
      git.writeAudit(model, { ...audit, modelCommit, modelDigest, date })
    }
    git.commit('Bias audits of the models')
    const keys = path.join(folder, 'keys')
    await makeKey(keys)
    return new ModelRepository(git, keys)
  }

  get signingKey(): string {
    return path.join(this.#keys, 'signing.key')
  }

  get trustedKey(): string {
    return path.join(this.#keys, 'signing.pub')
  }

  /** Renders and signs an application path; returns the objects. */
  async render(
    application: string,
    environment: string,
    key = this.signingKey
  ): Promise<readonly JsonObject[]> {
    const { objects } = await renderSigned(this.git.folder, application, { environment, key })
    return objects
  }

  /** Renders an application path; returns its object of a kind. @throws {Error} if there is none */
  async renderOne(
    [application, kind]: readonly [application: string, kind: string],
    environment: string,
    key?: string
  ): Promise<JsonObject> {
    const objects = await this.render(application, environment, key)
    const found = objects.find(object => object.kind === kind)
    if (found === undefined) throw new Error(`${application} renders no ${kind}`)
    return found
  }
}

/** Runs `mlgitops keygen` into a folder. */
export async function makeKey(folder: string): Promise<void> {
  const { exitCode, stderr } = await run({
    args: ['keygen', '--out-dir', folder],
    env: {},
    folder: '/'
  })
  if (exitCode !== 0) throw new Error(stderr)
}
