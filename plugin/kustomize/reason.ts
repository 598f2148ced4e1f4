import { bound } from '../../common/fault.ts'
import { tryParseJson } from '../../common/parse-json.ts'

const maxCharacters = 3_000

/**
 * The whole reason that kustomize or kubectl printed, with our file names.
 *
 * @param copy the absolute path of the copy that was built
 * @param nameOf turns a path in the copy into the name that messages use
 */
export function kustomizeReason(
  stderr: string,
  copy: string,
  nameOf: (treePath: string) => string
): string {
  const text = withoutLogHeader(stderr.trim()).replace(/^error: /i, '')
  const named = text
    .split(copy)
    .map((part, index) => {
      if (index === 0) return part
      const [path = ''] = /^(?:\/[^\s'"`:;,()[\]<>|]*)?/.exec(part) ?? []
      return nameOf(path.replace(/^\/|\/$/g, '') || '.') + part.slice(path.length)
    })
    .join('')
  return bound(named, maxCharacters)
}

/**
 * kubectl prints errors as klog lines: `E1130 … "command failed" err="…"`, or with `err=<`, the text with
 * tabs, and `>` if the text has several lines. Source: k8s.io/klog/v2 internal/serialize.
 */
function withoutLogHeader(text: string): string {
  return text
    .replace(/^E\d{4} .*?\] "command failed" err=<\n([^]*?)\n ?>$/gm, (_, lines: string) =>
      lines.replace(/^\t/gm, '')
    )
    .replace(/^E\d{4} .*?\] "command failed" err=(".*")$/gm, (_, quoted: string) => {
      const reason = tryParseJson(quoted)
      return typeof reason === 'string' ? reason : quoted.slice(1, -1)
    })
}
