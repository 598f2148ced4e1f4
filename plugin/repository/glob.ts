/**
 * A path pattern as a regular expression: `*` and `?` within a name, `**` across folders, everything
 * else itself. Names that start with a dot match only where the pattern says the dot.
 */
export function globToRegExp(pattern: string): RegExp {
  const source = pattern
    .split('/')
    .map(part =>
      part === '**'
        ? '**'
        : (/^[*?]/.test(part) ? '(?!\\.)' : '') +
          part
            .replace(/[.+^${}()|[\]\\]/g, '\\$&')
            .replaceAll('*', '[^/]*')
            .replaceAll('?', '[^/]')
    )
    .join('/')
    .replaceAll('**/', '(?:(?!\\.)[^/]+/)*')
    .replace(/\*\*$/, '(?:(?!\\.)[^/]+/)*(?!\\.)[^/]+')
  return new RegExp(`^${source}$`)
}
