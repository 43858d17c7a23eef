import type { ShownBody } from '../../shapes.js'

/** Parts of a body that may be a receipt of any vendor; inspecting them decides. */
export function receiptsIn({ parsed, text }: ShownBody): unknown[] {
  const found: unknown[] = /(?:^|&)blob=/.test(text) ? [text] : []
  visit(parsed, found)
  return found.slice(0, mostReceipts)
}

function visit(value: unknown, found: unknown[]): void {
  if (typeof value === 'string') {
    if (value.length >= shortestReceipt && looksLikeReceipt(value)) found.push(value)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const members = Object.entries(value)
  const signature = members.find(([name, member]) => /signature$/i.test(name) && typeof member === 'string')
  const data = members.find(([name, member]) => !/signature$/i.test(name) && typeof member === 'string' && /^\s*\{/.test(member))
  if (signature && data) found.push({ purchaseData: data[1] as string, signature: signature[1] as string })
  else if ('Store' in value && 'Payload' in value) found.push(value)
  else for (const [, member] of members) visit(member, found)
}

/** A Unity container as text, or the Base64 of something long. */
function looksLikeReceipt(text: string): boolean {
  return (text.trimStart().startsWith('{') && text.includes('Payload')) || /^[\w+/\s-]+=*\s*$/.test(text)
}

const shortestReceipt = 60
const mostReceipts = 3
