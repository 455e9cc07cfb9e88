import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { buildGo } from '../build-go'

export type Peer = { pid: number; port: number; stop(): Promise<void> }

/** Centrifuge with a history, on one core as the others are; null, and a word on standard error, where its modules are not to be had. */
export async function startCentrifuge(): Promise<Peer | null> {
  const program = await buildGo('tests/load/peers/centrifuge', 'amphi-peer-centrifuge').catch(
    (error: Error) => {
      console.error(`Centrifuge is left out: ${error.message}`)
      return null
    },
  )
  if (!program) return null
  const child = spawn(program, [], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, GOMAXPROCS: '1' },
  })
  const [port] = (await once(createInterface(child.stdout), 'line')) as [string]
  return {
    pid: child.pid ?? 0,
    port: Number(port),
    async stop() {
      child.kill()
      await once(child, 'exit')
    },
  }
}
