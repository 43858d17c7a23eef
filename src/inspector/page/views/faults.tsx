/** Stub. */
export function Faults() {
  return <p>Coming</p>
}
