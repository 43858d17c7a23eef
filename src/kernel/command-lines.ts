/** Commands of this program that take `--workspace`. */
export const workspaceCommands = [
  'mint',
  'inspect',
  'seed',
  'requests',
  'verify',
  'rows',
  'fault',
  'clock',
  'store',
  'reset',
  'snapshot',
  'session',
  'webhook',
] as const

/**
 * Adds `--workspace NAME` to each command that a sentence names, so that a copied command works on the workspace that the sentence is about.
 * A command stands in quotation marks or backticks; `coinslot mint FORMAT` may stand without.
 */
export function withWorkspace(sentence: string, workspace: string): string {
  if (workspace === 'default' || !sentence.includes('coinslot ')) return sentence
  return sentence.replaceAll(named, (command) => `${command} --workspace ${workspace}`)
}

const named = new RegExp(
  `(?<=(["\`]))coinslot (?:${workspaceCommands.join('|')})(?![^ "\`])[^"\`]*(?=\\1)|(?<!["\`])coinslot mint [a-z_]+`,
  'g',
)
