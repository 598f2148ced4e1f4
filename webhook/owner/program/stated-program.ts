import type { Program } from './program.ts'

/** A program without a name and an image: what an owner states in words of its own. */
export function statedProgram(
  parts: Partial<Pick<Program, 'command' | 'args' | 'env' | 'envFrom'>>
): Program {
  return { field: '', role: 'container', command: [], args: [], env: [], envFrom: [], ...parts }
}
