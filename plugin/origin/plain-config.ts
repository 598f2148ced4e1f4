/** What a render needs of a repository's own Git configuration. */
export interface PlainConfig {
  /** `remote.origin.url`; undefined if the file does not set it: a file of the user can. */
  readonly remoteUrl: string | undefined
}

const section = /^[ \t]*\[([A-Za-z0-9-]+)(?: \"([^\"\\]*)\")?\][ \t\r]*$/
const variable = /^[ \t]*([A-Za-z][A-Za-z0-9-]*)[ \t]*=[ \t]*(.*?)[ \t\r]*$/
const blank = /^[ \t]*(?:[#;].*|\r)?$/

/** Settings of a usual repository, by name; with any other value, Git must be asked where what is. */
const usual: Readonly<Record<string, RegExp>> = {
  'core.bare': /^false$/,
  'core.repositoryformatversion': /^0$/,
  'core.worktree': /^(?!)/,
  // A comment can follow the address.
  'remote origin.url': /^[!"$-:<-~]*$/
}

/**
 * Reads the usual forms of a repository's `config`; undefined for all that only Git can read: includes,
 * extensions, quotes, escapes, and a work tree elsewhere. Source: git-config, section Syntax.
 */
export function readPlainConfig(text: string): PlainConfig | undefined {
  let remoteUrl: string | undefined
  let current: string | undefined
  for (const line of text.split('\n')) {
    if (blank.test(line)) continue
    const header = section.exec(line)
    const found = header === null ? variableIn(line, current) : undefined
    if (header !== null) current = sectionName(header)
    else if (found === undefined) return undefined
    if (found?.name === 'remote origin.url') remoteUrl = found.value
  }
  return { remoteUrl }
}

/** Undefined for a section that can change where the repository is, or how it is read. */
function sectionName([, name = '', subsection]: RegExpExecArray): string | undefined {
  const inLowerCase = name.toLowerCase()
  if (/^(?:include|includeif|extensions)$/.test(inLowerCase)) return undefined
  return subsection === undefined ? inLowerCase : `${inLowerCase} ${subsection}`
}

/** Undefined for what only Git can read, or must decide on. */
function variableIn(line: string, current: string | undefined) {
  const [, key, value = ''] = variable.exec(line) ?? []
  if (key === undefined || current === undefined || /["\\]/.test(value)) return undefined
  const name = `${current}.${key.toLowerCase()}`
  const isUnusual = usual[name]?.test(value) === false
  return isUnusual ? undefined : { name, value }
}
