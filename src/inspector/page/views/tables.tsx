/** Stub. */
export function TablesView() {
  return <p>Coming</p>
}
