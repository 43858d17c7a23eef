/**
 * Advice for a path with two slashes in a row, which comes from a base URL that ends with one, and for a path that ends with a slash that no
 * route has. Empty for other paths, and where the path without these slashes is not served either. `before` stood in front of the path.
 */
export function slashAdvice(path: string, isServed: (path: string) => boolean, before = ''): string {
  const shorter = singleSlashes(path).replace(/(?<=.)\/$/, '')
  if (shorter === path || !isServed(shorter)) return ''
  if (!path.includes('//')) return `The path ends with a slash; try ${before}${shorter}. `
  return `The path has two slashes in a row: send ${before}${shorter}, with a base URL that has no slash at its end. `
}

/** Advice for a workspace in the path whose `@` was encoded. Empty for other paths. */
export function workspaceAdvice(path: string): string {
  if (!/^\/%40./.test(path)) return ''
  return `The @ in front of a workspace is encoded; send as it is: /@${singleSlashes(path.slice('/%40'.length))}. `
}

function singleSlashes(path: string): string {
  return path.replaceAll(/\/{2,}/g, '/')
}
