import { Conflict, type Problem } from '../../kernel/problem.js'
import { registryWorkspace, type Rows, type Settings, type Store } from '../../store/store.js'
import type { ClaimRow } from '../tables.js'

/** A claimed credential, as `credential` of the vendor reads it from a request. */
export type Credential = ClaimRow['credentials'][number]

/** Owners of credentials, looked up for each request that names no workspace. */
export interface Claims {
  hasCredentials(vendor: string): boolean
  ownerOf(vendor: string, credential: string): string | undefined
  /** Where several processes share claims: loads the claims of the others, and resolves to true if there were new ones. */
  refresh?(): Promise<boolean> | undefined
}

/** Ports and credentials that workspaces claimed. Stored outside of the workspaces, because claims survive a reset, and kept in memory. */
export class ClaimBook implements Claims {
  readonly #store: Store
  readonly #claims = new Map<string, ClaimRow>()
  /** Owners of credentials, by vendor and value. */
  readonly #owners = new Map<string, Map<string, string>>()

  /** Version of the stored claims at the last read. */
  #version: Settings | undefined

  constructor(store: Store) {
    this.#store = store
    store.onCommit((workspace, changes) => {
      if (workspace !== registryWorkspace) return
      for (const { table, key, row } of changes ?? []) if (table === claimsTable) this.#learn(key, row as ClaimRow | undefined)
    })
  }

  /** Reads the stored claims. */
  async load(): Promise<void> {
    const { value } = await this.#store.transact(registryWorkspace, (rows) => rows.list(claimsTable))
    // Rows of this table are written by the sandbox alone.
    for (const { key, row } of value) this.#learn(key, row as ClaimRow)
  }

  refresh(): Promise<boolean> | undefined {
    return this.#store.shared && this.#refresh()
  }

  hasCredentials(vendor: string): boolean {
    return this.#owners.has(vendor)
  }

  ownerOf(vendor: string, credential: string): string | undefined {
    return this.#owners.get(vendor)?.get(credential)
  }

  of(workspace: string): ClaimRow | undefined {
    return this.#claims.get(workspace)
  }

  all(): Iterable<ClaimRow> {
    return this.#claims.values()
  }

  /** @throws Problem 409 if another workspace holds the port */
  refusePort(port: number, workspace: string): void {
    for (const claim of this.#claims.values())
      if (claim.workspace !== workspace && claim.ports.includes(port)) throw portHeld(port, claim.workspace)
  }

  /** Replaces the claims of a workspace. @throws Problem 409 if another workspace holds one of them */
  async replace(claim: ClaimRow): Promise<void> {
    await this.#store.transact(registryWorkspace, async (rows) => {
      await refuseHeld(rows, claim)
      rows.put(claimsTable, claim.workspace, { ...claim })
    })
  }

  async release(workspace: string): Promise<void> {
    if (this.#claims.has(workspace)) await this.#store.transact(registryWorkspace, (rows) => rows.delete(claimsTable, workspace))
  }

  async #refresh(): Promise<boolean> {
    // They stay the same object until a claim changes.
    const version = await this.#store.settings(registryWorkspace)
    if (version === this.#version) return false
    const { value } = await this.#store.transact(registryWorkspace, (rows) => rows.list(claimsTable))
    for (const workspace of this.#claims.keys()) this.#learn(workspace, undefined)
    for (const { key, row } of value) this.#learn(key, row as ClaimRow)
    this.#version = version
    return true
  }

  #learn(workspace: string, claim: ClaimRow | undefined): void {
    for (const { vendor, value } of this.#claims.get(workspace)?.credentials ?? []) {
      const owners = this.#owners.get(vendor)
      if (owners?.get(value) === workspace) owners.delete(value)
      if (owners?.size === 0) this.#owners.delete(vendor)
    }
    if (!claim) return void this.#claims.delete(workspace)
    this.#claims.set(workspace, claim)
    for (const { vendor, value } of claim.credentials) {
      const owners = this.#owners.get(vendor) ?? new Map<string, string>()
      this.#owners.set(vendor, owners.set(value, workspace))
    }
  }
}

const claimsTable = 'registry.claims'

async function refuseHeld(rows: Rows, { workspace, ports, credentials }: ClaimRow): Promise<void> {
  const holder = async (index: string, value: string) => {
    const held = await rows.where(claimsTable, index, value)
    return held.map(({ key }) => key).find((key) => key !== workspace)
  }
  for (const port of ports) {
    const other = await holder('port', String(port))
    if (other !== undefined) throw portHeld(port, other)
  }
  for (const [at, credential] of credentials.entries()) {
    const other = await holder('credential', `${credential.vendor}/${credential.value}`)
    if (other !== undefined) throw credentialHeld(credential, other, at)
  }
}

function portHeld(port: number, holder: string): Problem {
  const detail = `Port ${port} belongs to workspace "${holder}"; take another, 0 for any, or DELETE /_sandbox/workspaces/${holder}.`
  return new Conflict({
    type: 'port-claimed',
    title: 'Port claimed.',
    detail,
    errors: [{ path: '/port', message: `belongs to workspace ${holder}` }],
  })
}

function credentialHeld({ vendor, value }: Credential, holder: string, at: number): Problem {
  const detail = `${vendor} credential ${JSON.stringify(value.slice(0, 80))} belongs to workspace "${holder}"; claim another, or DELETE /_sandbox/workspaces/${holder}.`
  return new Conflict({
    type: 'credential-claimed',
    title: 'Credential claimed.',
    detail,
    errors: [{ path: `/credentials/${at}`, message: `belongs to workspace ${holder}` }],
  })
}
