/** Stub. */
export function Clock() {
  return <p>Coming</p>
}
