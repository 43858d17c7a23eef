/** Stub. */
export function Receipts() {
  return <p>Coming</p>
}
