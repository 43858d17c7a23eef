import type { Cluster } from 'ioredis'

/** Waits until every server of a cluster says that all of it serves: they come to know it one after the other. @throws Error when one does not in time */
export async function whole(cluster: Cluster): Promise<void> {
  const until = performance.now() + clusterMs
  await ready(cluster)
  while (!(await isServing(cluster))) {
    if (performance.now() > until) throw notServing()
    await new Promise((resume) => setTimeout(resume, 50))
  }
}

/** The library's own promise stays open for ever where a cluster does not serve at the first look. */
function ready(cluster: Cluster): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(notServing()), clusterMs)
    const settle = (action: () => void) => {
      clearTimeout(timer)
      action()
    }
    cluster.once('ready', () => settle(resolve))
    cluster.connect().catch((error: unknown) => settle(() => reject(error instanceof Error ? error : new Error(String(error)))))
  })
}

async function isServing(cluster: Cluster): Promise<boolean> {
  const told = await Promise.all(cluster.nodes('master').map((node) => node.cluster('INFO').catch(() => '')))
  return told.length > 0 && told.every((info) => info.includes('cluster_state:ok'))
}

function notServing(): Error {
  return new Error('not all of the cluster serves (CLUSTER INFO tells why)')
}

const clusterMs = 10_000
