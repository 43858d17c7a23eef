/** Stub. */
export function Workspaces() {
  return <p>Coming</p>
}
