/** Returns a purchase that Teak accepts with the default seed; `members` replace those of its body. */
export function teakPurchase(members: Record<string, unknown> = {}): { method: string; headers: Record<string, string>; body: string } {
  const body = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'order-1', ...members }
  return { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
}
