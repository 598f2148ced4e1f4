import path from 'node:path'

/** File names that select `mlgitops fn`: kustomize 5.5 (kubectl 1.32) has no `exec.args`. */
const functionNames = /^(?:mlgitops-fn|RenderGenerator|RenderTransformer)$/

/** The command and its arguments, from the arguments of the process. */
export function commandLine([, file = '', ...given]: readonly string[]): readonly string[] {
  return functionNames.test(path.basename(file)) ? ['fn', ...given] : given
}
