/** Mark of the layout of the keys below. A version that knows another layout refuses to start over them. */
export const formatMark = 'coinslot 1'

/** Every key and channel that one sandbox uses in Redis, all with the same prefix. */
export interface Keyspace {
  prefix: string
  /** Holds the format mark. */
  format: string
  /** Counts the processes that ever joined. */
  replicas: string
  /** Names of workspaces in the order in which they were made. */
  names: string
  /** The channel on which commits are published. */
  events: string
  /** Rows of one seed, by fingerprint. */
  seed(fingerprint: string): string
  /** Hash with the current generation of a workspace. Every key of the workspace begins with it and shares its slot. */
  head(workspace: string): string
  /** Version of a workspace's entry in `names`, in the same slot as `names`. */
  nameVersion(workspace: string): string
}

/** Returns the keys under one prefix. */
export function keyspaceOf(prefix: string): Keyspace {
  const names = `${prefix}:names`
  return {
    prefix,
    format: `${prefix}:format`,
    replicas: `${prefix}:replicas`,
    names,
    events: `${prefix}:events`,
    seed: (fingerprint) => `${prefix}:seed:${fingerprint}`,
    head: (workspace) => `${prefix}:{${workspace}}`,
    nameVersion: (workspace) => `${prefix}:version:{${names}}:${workspace}`,
  }
}

/** Key of a hash of one generation: `t:TABLE` holds the rows of a table, key to version, place and JSON; `m` holds sizes and versions. */
export function hashKey(head: string, generation: string, hash: string): string {
  return `${head}:${generation}:${hash}`
}
