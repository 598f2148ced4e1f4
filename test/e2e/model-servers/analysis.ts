import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { freePort } from '../rig/free-port.ts'
import type { Machine } from '../rig/machine.ts'
import { eventually } from '../rig/eventually.ts'

/** A hook's answer: status and text in one line. */
export type Answered = string

/** The analysis service, called as Flagger calls it for one Canary. */
export class Analysis {
  readonly url: string

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}`
  }

  /** @param name of its logs and of its state */
  static async start(machine: Machine, name: string): Promise<Analysis> {
    const port = await freePort()
    const program = machine.startOurs(name, [
      ...['serve', 'analysis', '--listen', `127.0.0.1:${port}`],
      ...['--state', path.join(machine.folder, `${name}.sqlite`)]
    ])
    await program.line(/^listening on (\S+)$/m)
    return new Analysis(port)
  }

  /** Calls a hook as Flagger does: the payload has no type, so the address has it. */
  async hook(
    type: string,
    metadata: Readonly<Record<string, string>>,
    name = 'churn'
  ): Promise<Answered> {
    const payload = { name, namespace: 'ml', phase: 'Progressing', checksum: '5d8f4c', metadata }
    const response = await fetch(`${this.url}/webhook/${type}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(payload)
    })
    return `${response.status} ${(await response.text()).trim()}`
  }

  /** The hooks of one tick of Flagger, in its order. */
  async tick(
    metadata: Readonly<Record<string, string>>,
    name?: string
  ): Promise<readonly Answered[]> {
    const answers: Answered[] = []
    for (const type of ['rollback', 'rollout', 'confirm-traffic-increase'] as const) {
      answers.push(await this.hook(type, type === 'rollback' ? {} : metadata, name))
    }
    return answers
  }

  /** `bad/events` of each objective, an entry for one that is a comparison too. */
  async counts(name = 'churn'): Promise<Readonly<Record<string, string>>> {
    const response = await fetch(`${this.url}/v1/verdict?namespace=ml&name=${name}`)
    const { objectives } = (await response.json()) as {
      readonly objectives: readonly {
        readonly metric: string
        readonly versus?: string
        readonly events: number
        readonly bad: number
      }[]
    }
    return Object.fromEntries(
      objectives.map(({ metric, versus, bad, events }) => [
        versus === undefined ? metric : `${metric} versus ${versus}`,
        `${bad}/${events}`
      ])
    )
  }

  /** Asks as Flagger does until the counts are these; where they never are, what they were. */
  async ticksUntil(
    metadata: Readonly<Record<string, string>>,
    wanted: Readonly<Record<string, string>>,
    name?: string
  ): Promise<Readonly<Record<string, string>>> {
    let last: Readonly<Record<string, string>> = {}
    try {
      await eventually(
        async () => {
          await this.tick(metadata, name)
          last = await this.counts(name)
          return isDeepStrictEqual(last, wanted) || undefined
        },
        { what: JSON.stringify(wanted), everyMs: 500 }
      )
    } catch {
      return last
    }
    return last
  }
}
