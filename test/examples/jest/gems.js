/** Gives a player gems for a purchase on Google Play, once Mbaasy has called it genuine. */
export function gems({ mbaasy, token }) {
  const owned = new Map()
  return {
    owned: (player) => owned.get(player) ?? 0,
    async redeem(player, { purchaseData, signature }) {
      const answer = await fetch(`${mbaasy}/client/google_play/purchase_orders`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
        body: JSON.stringify({ purchase_data: purchaseData, purchase_signature: signature, user_identifier: player }),
      })
      if (answer.status === 206) return 'ask-again'
      if (!answer.ok) return 'refused'
      const { is_fraud: isFraud } = await answer.json()
      if (isFraud) return 'refused'
      owned.set(player, (owned.get(player) ?? 0) + 10)
      return 'given'
    },
  }
}
