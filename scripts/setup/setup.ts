import type { Config } from '../../server/config'
import { livekitServer, worker } from './go'
import { withSetupLock } from './lock'
import { detectMachine, type Machine } from './machine'
import {
  chromium,
  codecs,
  curl,
  ffmpeg,
  fonts,
  nginx,
  openssl,
  postgres,
  redis,
  systemPackages,
} from './packages'
import { pages } from './pages'
import { runSteps, type Step } from './step'

export type Purpose = 'start' | 'dev' | 'test'

/** What is missing for this purpose and configuration is installed and built; what is there is left alone. */
export async function setUp(
  purpose: Purpose,
  config: Config,
  report: (line: string) => void,
  machine: Machine = detectMachine(),
): Promise<void> {
  const steps = listSteps(purpose, config)
  const done = await Promise.all(steps.map((step) => step.isDone(machine)))
  if (done.every(Boolean)) return
  await withSetupLock(report, () => runSteps(steps, machine, report))
}

function listSteps(purpose: Purpose, config: Config): Step[] {
  const ownWorker = purpose === 'test' || config.broadcast.engine === 'worker'
  const ownLivekit = purpose === 'test' || config.livekit.url === undefined
  const needs = [
    ...(purpose === 'test' || config.redisUrl === undefined ? [redis] : []),
    ...(ownWorker ? [codecs, ffmpeg] : []),
    ...(purpose === 'test' ? [postgres, chromium, fonts, curl, nginx, openssl] : []),
  ]
  return [
    systemPackages(needs),
    ...(ownLivekit ? [livekitServer] : []),
    ...(ownWorker ? [worker] : []),
    ...(purpose === 'dev' ? [] : [pages]),
  ]
}
