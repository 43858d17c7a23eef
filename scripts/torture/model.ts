import { teak } from './calls.js'
import { allRows, control, type Client } from './client.js'

/** Expected state of a workspace; undefined if it does not exist. */
export type Holdings = { purchases: readonly string[]; players: readonly string[]; clock: string | null } | undefined

/** Something done to a workspace: what it asks for, and what it makes of what was there. */
export interface Deed {
  name: string
  /** @throws Error when it was not answered with success */
  ask: (client: Client, url: string) => Promise<boolean>
  makes: (before: Holdings, snapshot: Holdings) => Holdings
  saves?: boolean
  needsSnapshot?: boolean
}

/** Seeded state of a new workspace. */
export const fresh: NonNullable<Holdings> = { purchases: [], players: ['player-1', 'player-2'], clock: null }

const json = { 'Content-Type': 'application/json' }

/** A random deed in a workspace; `number` makes its ids new. */
export function aDeed(workspace: string, number: number, random: () => number): Deed {
  const made = (before: Holdings) => before ?? fresh
  const call = (method: string, path: string, body?: unknown) => async (client: Client) => {
    const wanted = {
      method,
      path: `/@${workspace}/_sandbox/${path}`,
      headers: json,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }
    return isDone(await client.ask(wanted))
  }
  const id = `p-${number}`
  const deeds: Deed[] = [
    {
      name: 'purchase',
      ask: async (client) => isDone(await client.ask({ ...teak.call(id), path: `/@${workspace}/teak/v2/purchase` })),
      makes: (before) => ({ ...made(before), purchases: [...made(before).purchases, id] }),
    },
    {
      name: 'seed of five',
      ask: call('POST', 'seed', { teak: { players: five(number).map((userId) => ({ gameId: '123456', userId })) } }),
      makes: (before) => ({ ...made(before), players: [...made(before).players, ...five(number)] }),
    },
    { name: 'reset', ask: call('POST', 'reset'), makes: () => fresh },
    { name: 'snapshot', ask: call('PUT', 'snapshots/s'), makes: made, saves: true },
    { name: 'restore', ask: call('POST', 'snapshots/s/restore'), makes: (_before, snapshot) => snapshot, needsSnapshot: true },
    { name: 'drop', ask: call('DELETE', `workspaces/${workspace}`), makes: () => undefined },
    {
      name: 'clock',
      ask: call('PUT', 'clock', { now: clockOf(number), frozen: true }),
      makes: (before) => ({ ...made(before), clock: clockOf(number) }),
    },
  ]
  // Purchases most often, so that there is something to lose.
  return deeds[Math.max(0, Math.floor(random() * (deeds.length + 8)) - 8)]!
}

/** Reads the state of a workspace from a running sandbox. */
export async function holdingsOf(url: string, workspace: string): Promise<Holdings> {
  const { workspaces } = (await control(url, 'GET', 'workspaces')) as { workspaces: { name: string }[] }
  if (!workspaces.some(({ name }) => name === workspace)) return undefined
  const at = `${url}/@${workspace}`
  const [purchases, players] = [await allRows(at, 'teak/purchases'), await allRows(at, 'teak/players')]
  const { now, frozen } = (await control(at, 'GET', 'clock')) as { now: string; frozen: boolean }
  return {
    purchases: purchases.map((row) => String(row['platformId'])),
    players: players.map((row) => String(row['userId'])),
    clock: frozen ? now : null,
  }
}

function isDone(answer: { status: number; text: string } | undefined): boolean {
  if (answer && answer.status >= 400 && answer.status !== 404) throw new Error(`${answer.status} ${answer.text}`)
  return answer !== undefined && answer.status < 400
}

function five(number: number): string[] {
  return [1, 2, 3, 4, 5].map((at) => `u-${number}-${at}`)
}

function clockOf(number: number): string {
  return new Date(Date.UTC(2030, 0, 1) + number * 1_000).toISOString()
}
