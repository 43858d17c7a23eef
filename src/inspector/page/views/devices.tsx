/** Stub. */
export function DevicesView() {
  return <p>Coming</p>
}
