import type { Program } from './program.ts'
import type { Rewriting } from './rewriting.ts'

const preamble = '#!/bin/sh\nset -e\n'
/** One script in the command of the container `place-scripts` (tektoncd/pipeline pkg/pod/script.go). */
const placedScript =
  /scriptfile="\/tekton\/scripts\/[\w.-]+"\ntouch \$\{scriptfile\} && chmod \+x \$\{scriptfile\}\ncat > \$\{scriptfile\} << '_EOF_'\n([\w+/=]*)\n_EOF_\n\/tekton\/bin\/entrypoint decode-script "\$\{scriptfile\}"\n/gu

/**
 * Tekton runs the command of a step by its entrypoint, which is copied into the Pod, puts scripts into
 * files, and replaces parameters, results and paths (pkg/pod/entrypoint.go, script.go and pod.go). The
 * command of a step without one is the image's, which it reads from the registry.
 */
export const tektonRewriting: Rewriting = {
  groups: ['tekton.dev'],
  expression:
    /\$\((?:params|inputs|outputs|tasks|finally|context|workspaces|results|steps?|task|resources|sidecars|credentials)\b[^()]*\)/gu,
  list: /^\$\((?:inputs\.)?params\b[^()]*\[\*\]\)$/u,
  nameOf: name => name.replace(/^(?:step|sidecar)-/u, ''),
  readsImages: true,
  unwrap: words => {
    const at = words.indexOf('-entrypoint')
    if (words[0] !== '/tekton/bin/entrypoint' || at === -1 || words[at + 2] !== '--')
      return undefined
    return [words[at + 1] ?? '', ...words.slice(at + 3)]
  },
  scriptFile: /^\/tekton\/scripts\/(?:sidecar-)?script-\d+-[a-z0-9]+$/u,
  bareScript: script => (script.startsWith(preamble) ? script.slice(preamble.length) : script),
  scripts: ({ command, args }: Program) => {
    const [program = ''] = command
    if (program.startsWith('/ko-app/')) return []
    if (program === '')
      return args.every(each => each === 'tekton_run_indefinitely') ? [] : undefined
    const [flag, text = '', ...more] = args
    const isShell = program === 'sh' && command.length === 1 && flag === '-c' && more.length === 0
    if (!isShell || text.replaceAll(placedScript, '') !== '') return undefined
    return [...text.matchAll(placedScript)].map(([, encoded = '']) =>
      Buffer.from(encoded, 'base64').toString()
    )
  },
  variables: /^(?:TEKTON_\w+|HOME|SSL_CERT_DIR)$/u
}
