import { z } from 'zod'

/** Header with the client's access token. */
export const tokenHeader = z.object({ Authorization: z.string().describe('Bearer {client access token}') })

/** The token of the default seed's app family. */
export const tokenExample = { Authorization: 'Bearer test-token' }

/** A purchase that is signed for the licence key of com.example.app in the default seed. */
export const signedOrderExample = {
  purchase_data:
    '{"orderId":"GPA.3300-0000-0000-00001","packageName":"com.example.app","productId":"premium.1month","purchaseTime":1546300800123,"purchaseState":0,"purchaseToken":"abcdefghijklmnopqrstuvwx.AO-J1OxExampleExampleExampleExampleExample","quantity":1,"autoRenewing":true,"acknowledged":false}',
  purchase_signature:
    'wUjTamk3vcTJrlGpYd2yUgo9zdcR750IZf2GR96t4QRw7IH3NUvQO6AuPJ6Wdb8XY8W87dNtH+0KkcbskET2YrOCn03lyXYzPL1Ijm25TudPOkPOn1hD8BFlB+LlW24vaz/ZJV+fVlDtS64EyPj/4yx/zBZGkTCJXd2XDXPfO1u3je8kPNsG0G44D2a1+sXY0VUElzyBORcXHh2VZ0cGHOqhsFzEnQwXSwNmdy1E/7+oVMFogdXnzYi6apu+b2NeJF1JheEyGJQAKE5gyH4kRSB9aUH7CVT9iHH/i6woyGGTAfM6Wup2+ceWZktMcp6eUWR4jRW/dYLw0S8Loy3HOg==',
  user_identifier: '42',
}

/** A Pub/Sub message: Google reports that the subscription of `signedOrderExample` was canceled. */
export const messageExample = {
  data: 'eyJ2ZXJzaW9uIjoiMS4wIiwicGFja2FnZU5hbWUiOiJjb20uZXhhbXBsZS5hcHAiLCJldmVudFRpbWVNaWxsaXMiOiIxNTQ2MzAwODAwMTIzIiwic3Vic2NyaXB0aW9uTm90aWZpY2F0aW9uIjp7InZlcnNpb24iOiIxLjAiLCJub3RpZmljYXRpb25UeXBlIjozLCJwdXJjaGFzZVRva2VuIjoiYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4LkFPLUoxT3hFeGFtcGxlRXhhbXBsZUV4YW1wbGVFeGFtcGxlRXhhbXBsZSIsInN1YnNjcmlwdGlvbklkIjoicHJlbWl1bS4xbW9udGgifX0=',
  messageId: '1',
}
