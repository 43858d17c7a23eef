/** Stub. */
export function Purchases() {
  return <p>Coming</p>
}
