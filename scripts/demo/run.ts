import { once } from 'node:events'
import { requireKeyedConfig } from '../amphi/running-server'
import { startCrowd } from './crowd'
import { findClass } from './find-class'
import { createHttp } from './http'
import type { Options } from './options'
import { toStatusLine } from './status'
import { createTally } from './tally'

const STATUS_EVERY_MS = 5_000
const MINUTE_MS = 60_000

const say = (line: string) => console.log(line)

/** Until the time is over, the class has ended, or `signal`. */
export async function runDemo(options: Options, signal: AbortSignal): Promise<void> {
  const config = await requireKeyedConfig()
  const http = createHttp(config)
  const found = await findClass(config, http, options.code)
  say(`${options.students} simulated students join the class "${found.title}". Ctrl-C: they leave.`)
  say('They have no media in their seats: nobody of them connects to LiveKit.')
  if (found.phase === 'draft')
    say('The class has not started: press "Start class" as the teacher. They wait.')
  const tally = createTally()
  const startedAt = performance.now()
  const crowd = await startCrowd({ config, http, found, options, tally })
  const tell = () =>
    say(toStatusLine(performance.now() - startedAt, crowd.places(), crowd.waitingFor(), tally))
  const status = setInterval(tell, STATUS_EVERY_MS)
  const endings = [
    crowd.over.then(() => 'The class is over for all of them.'),
    aborted(signal).then(() => 'They leave ...'),
    ...(options.minutes === null ? [] : [timeIsUp(options.minutes)]),
  ]
  const why = await Promise.race(endings)
  clearInterval(status)
  tell()
  say(why)
  await crowd.leave()
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

function timeIsUp(minutes: number): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(resolve, minutes * MINUTE_MS, `${minutes} minutes are over: they leave ...`)
  })
}
