/** Stub. */
export function Webhooks() {
  return <p>Coming</p>
}
