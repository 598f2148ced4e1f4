/** Writes gauges in the Prometheus text format. Thousands of series cost little, because it has no registry. */
export class Exposition {
  readonly #families = new Map<string, string[]>()

  /** Declares a metric family. Families are written in the order of their declarations. */
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

/** Returns labels as `name="value"`, with escaped values. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escape)}"`)
    .join(',')
}

function escape(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`
}
