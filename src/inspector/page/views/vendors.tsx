/** Stub. */
export function Vendors() {
  return <p>Coming</p>
}
