import Redis from 'ioredis'
import pg from 'pg'
import { expect, test } from 'vitest'
import { startPostgres } from '../../support/postgres'
import { startRedis } from '../../support/redis'

test('a throwaway Redis is empty, answers, and is gone after stop', async () => {
  const server = await startRedis()
  const redis = new Redis(server.url)
  expect(await redis.dbsize()).toBe(0)
  redis.disconnect()
  await server.stop()
  expect(() => process.kill(server.pid, 0)).toThrow(/ESRCH/)
})

test('a throwaway PostgreSQL gives databases that do not see each other', async () => {
  const cluster = await startPostgres()
  try {
    const [first, second] = [await cluster.createDatabase(), await cluster.createDatabase()]
    expect(await tablesAfter(first, 'create table seats (id int)')).toEqual(['seats'])
    expect(await tablesAfter(second, 'select 1')).toEqual([])
  } finally {
    await cluster.stop()
  }
})

async function tablesAfter(url: string, sql: string): Promise<string[]> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(sql)
  const { rows } = await client.query("select tablename from pg_tables where schemaname = 'public'")
  await client.end()
  return rows.map((row) => row.tablename)
}
