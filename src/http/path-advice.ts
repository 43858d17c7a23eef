/**
 * Advice for a path with two slashes in a row, which comes from a base URL that ends with one, and for a path that ends with a slash that no
 * route has. Empty for other paths.
 */
export function slashAdvice(path: string): string {
  if (path.includes('//')) {
    return `The path has two slashes in a row: send ${path.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')}, with a base URL that has no slash at its end. `
  }
  if (path.length > 1 && path.endsWith('/')) return `The path ends with a slash; try ${path.slice(0, -1)}. `
  return ''
}

/** Advice for a workspace in the path whose `@` was encoded. Empty for other paths. */
export function workspaceAdvice(path: string): string {
  if (!/^\/%40./.test(path)) return ''
  return `The @ in front of a workspace is encoded; send as it is: /@${path.slice('/%40'.length)}. `
}
