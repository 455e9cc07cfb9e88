import { availableParallelism } from 'node:os'
import { toRedisOptions } from '../stack/livekit'

export type EngineNeighbours = {
  redisUrl: string
  livekit: { url: string; apiKey: string; apiSecret: string }
}

/** What one 720p class takes (`npm run bench -- official-engine`); declared are four, and small machines never bid. */
const CLASS_CORES = 1
/** No other kind is asked for, and one that costs more than the machine has makes the service complain. */
const OTHER_CORES = 0.5
/** Of the machine, all that runs on it counted; at 0.95 for 10 s the service ends a class by itself. */
const MOST_USED = 0.95

/** The configuration of livekit/egress, for the Redis and the LiveKit that Amphi uses. */
export function toConfiguration({ redisUrl, livekit }: EngineNeighbours) {
  return {
    api_key: livekit.apiKey,
    api_secret: livekit.apiSecret,
    ws_url: livekit.url,
    redis: toRedisOptions(redisUrl),
    // The page may be http on this machine, and LiveKit ws.
    insecure: true,
    logging: { level: 'info', json: true },
    cpu_cost: {
      max_cpu_utilization: MOST_USED,
      room_composite_cpu_cost: Math.min(CLASS_CORES, availableParallelism() / 2),
      audio_room_composite_cpu_cost: OTHER_CORES,
      web_cpu_cost: OTHER_CORES,
      audio_web_cpu_cost: OTHER_CORES,
      participant_cpu_cost: OTHER_CORES,
      track_composite_cpu_cost: OTHER_CORES,
      track_cpu_cost: OTHER_CORES,
    },
  }
}
