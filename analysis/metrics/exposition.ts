/** Families of gauges in Prometheus' text format, written at once: thousands of series cost little. */
export class Exposition {
  readonly #families = new Map<string, string[]>()

  /** Declares a family, in the order in which families are written. */
  declare(name: string, help: string): void {
    this.#families.set(name, [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`])
  }

  /** @param labels as {@link labelText} writes them */
  add(name: string, labels: string, value: number): void {
    this.#families.get(name)?.push(`${name}{${labels}} ${value}`)
  }

  toString(): string {
    return [...this.#families.values()].flat().join('\n') + '\n'
  }
}

/** `name="value"` of each label, escaped. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escape)}"`)
    .join(',')
}

function escape(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`
}
