import type { ShownBody } from '../../shapes.js'

/** A part of a body that may be a receipt. */
export interface Candidate {
  receipt: unknown
  /** True: the name of its member says so; false: only its form does, and reading it decides. */
  isNamed: boolean
}

/** Parts of a body that are receipts by their name or by their form. */
export function receiptsIn({ parsed, text }: ShownBody): Candidate[] {
  const found: Candidate[] = /(?:^|&)blob=/.test(text) ? [{ receipt: text, isNamed: true }] : []
  visit(parsed, found, false)
  return found.slice(0, mostReceipts)
}

function visit(value: unknown, found: Candidate[], isNamed: boolean): void {
  if (typeof value === 'string') {
    if (value.length >= shortestReceipt && (isNamed || looksLikeReceipt(value))) found.push({ receipt: value, isNamed })
    return
  }
  if (typeof value !== 'object' || value === null) return
  const members = Object.entries(value)
  const signature = members.find(([name, member]) => /signature$/i.test(name) && typeof member === 'string')
  const data = members.find(([name, member]) => !/signature$/i.test(name) && typeof member === 'string' && /^\s*\{/.test(member))
  if (signature && data) found.push({ receipt: { purchaseData: data[1] as string, signature: signature[1] as string }, isNamed: true })
  else if ('Store' in value && 'Payload' in value) found.push({ receipt: value, isNamed: true })
  else for (const [name, member] of members) visit(member, found, /receipt/i.test(name))
}

/** A Unity container as text, or the Base64 of something long. */
function looksLikeReceipt(text: string): boolean {
  return (text.trimStart().startsWith('{') && text.includes('Payload')) || /^[\w+/\s-]+=*\s*$/.test(text)
}

const shortestReceipt = 60
const mostReceipts = 3
