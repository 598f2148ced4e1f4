/** Runs a limited number of actions at a time; the others wait in a queue. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  async run<Result>(action: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1
    else {
      const { promise, resolve } = Promise.withResolvers<undefined>()
      this.#waiting.push(() => {
        resolve(undefined)
      })
      await promise
    }
    try {
      return await action()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}
