/** Says which layout the keys below have; a program that knows another one refuses to start over them. */
export const formatMark = 'coinslot 1'

/** Every key and channel one sandbox uses in Redis, all beginning with one prefix. */
export interface Keyspace {
  prefix: string
  /** Holds the format mark. */
  format: string
  /** Counts the processes that ever joined. */
  replicas: string
  /** Names of workspaces in the order in which they were made. */
  names: string
  /** The channel on which commits are told. */
  events: string
  /** Rows of one seed, by fingerprint. */
  seed(fingerprint: string): string
  /** Of a workspace: which generation of its rows is in force. Every key of the workspace begins with it and shares its slot. */
  head(workspace: string): string
}

/** The keys under one prefix. */
export function keyspaceOf(prefix: string): Keyspace {
  return {
    prefix,
    format: `${prefix}:format`,
    replicas: `${prefix}:replicas`,
    names: `${prefix}:names`,
    events: `${prefix}:events`,
    seed: (fingerprint) => `${prefix}:seed:${fingerprint}`,
    head: (workspace) => `${prefix}:{${workspace}}`,
  }
}

/**
 * A hash of one generation of a workspace: `t:TABLE` has a table's rows, key to version, place and text; `m` has figures and versions.
 */
export function hashKey(head: string, generation: string, hash: string): string {
  return `${head}:${generation}:${hash}`
}
