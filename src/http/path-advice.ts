/**
 * Advice for a path with two slashes in a row, which comes from a base URL that ends with one, and for a path that ends with a slash that no
 * route has. Empty for other paths, and where the path without these slashes is not served either.
 */
export function slashAdvice(path: string, isServed: (path: string) => boolean): string {
  const shorter = path.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
  if (shorter === path || !isServed(shorter)) return ''
  if (!path.includes('//')) return `The path ends with a slash; try ${shorter}. `
  return `The path has two slashes in a row: send ${shorter}, with a base URL that has no slash at its end. `
}

/** Advice for a workspace in the path whose `@` was encoded. Empty for other paths. */
export function workspaceAdvice(path: string): string {
  if (!/^\/%40./.test(path)) return ''
  return `The @ in front of a workspace is encoded; send as it is: /@${path.slice('/%40'.length)}. `
}
