/** Stub. */
export function State() {
  return <p>Coming</p>
}
