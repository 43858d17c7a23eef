/** Returns the command as one file of CommonJS, and the licences of the packages in it. */
export function bundleForExecutable(): Promise<{ code: string; licences: string }>
