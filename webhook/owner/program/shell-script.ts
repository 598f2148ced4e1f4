const shells: ReadonlySet<string> = new Set(['/bin/bash', '/bin/sh', 'bash', 'sh'])

/** Returns the text that a shell runs: of `/bin/bash -c -- TEXT`; undefined for any other command. */
export function shellScript(words: readonly string[]): string | undefined {
  const [shell = '', ...rest] = words
  const text = rest.pop()
  const isShell = shells.has(shell) && rest.length > 0 && rest.every(word => word.startsWith('-'))
  return isShell ? text : undefined
}

/** A text between double quotes in which the shell replaces nothing. */
const quoted = /"(?:[^"\\`$]|\\.|\$\w+)*"|'[^']*'/gu

/**
 * Returns the commands of a script that only separates them by line feeds, `;`, `&&` and `|`; undefined if
 * it has anything by which a shell would run more. Quoted texts are left out.
 */
export function shellCommands(script: string): readonly string[] | undefined {
  const bare = script.replaceAll(quoted, '""').replaceAll(/[0-9]?>\s*(?:\/dev\/null|&[0-9])/gu, '')
  if (/[`<>]|\$\(|[^&]&[^&]/u.test(bare)) return undefined
  return bare
    .split(/\n|;|&&|\|/u)
    .map(command => command.trim())
    .filter(command => command !== '')
}
