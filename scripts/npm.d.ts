/** Returns npm as a program to spawn without a shell, with its first arguments. */
export function npmCommand(): [program: string, ...args: string[]]
