import { Redis } from 'ioredis'
import { findFreePort } from '../../scripts/stack/ports'
import { waitUntil } from '../../scripts/stack/wait-until'
import { startRedis, type TestRedis } from './redis'

const MASTERS = 3
const SLOTS = 16_384
/** The nodes hear of each other's slots by gossip. */
const TOGETHER_TIMEOUT_MS = 20_000

export type TestCluster = { url: string; nodes: TestRedis[]; stop(): Promise<void> }

/** A Redis Cluster of three masters on this machine, empty, without replicas and persistence. */
export async function startRedisCluster(): Promise<TestCluster> {
  const nodes = await Promise.all(Array.from({ length: MASTERS }, startNode))
  const clients = nodes.map(({ url }) => new Redis(url))
  const stop = async () => {
    for (const client of clients) client.disconnect()
    await Promise.all(nodes.map((node) => node.stop()))
  }
  const bound = (i: number) => Math.floor((i * SLOTS) / MASTERS)
  await Promise.all(
    clients.map((client, i) => client.call('CLUSTER', 'ADDSLOTSRANGE', bound(i), bound(i + 1) - 1)),
  )
  for (const { port, busPort } of nodes) {
    await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort)
  }
  const together = await waitUntil(async () => {
    const infos = await Promise.all(clients.map((client) => client.call('CLUSTER', 'INFO')))
    return infos.every((info) => /state:ok[\s\S]*known_nodes:3[\s\S]*size:3/.test(String(info)))
  }, TOGETHER_TIMEOUT_MS)
  if (!together) {
    await stop()
    throw new Error('The nodes did not become a cluster')
  }
  return { url: `${nodes[0]?.url}/?cluster=true`, nodes, stop }
}

/** The nodes' own bus is at the port plus 10,000 if nobody says where: beyond the last port, often. */
async function startNode(): Promise<TestRedis & { busPort: number }> {
  const busPort = await findFreePort()
  const cluster = { enabled: 'yes', port: busPort }
  const args = Object.entries(cluster).flatMap(([name, value]) => [`--cluster-${name}`, String(value)])
  return { ...(await startRedis(['--save', '', '--appendonly', 'no', ...args])), busPort }
}
