import { z } from 'zod'

/** What has become of the one file of a class's recording; `at`: server time, ms. */
const recordingState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('making'), share: z.number().min(0).max(1), at: z.number() }),
  z.object({ state: z.literal('ready'), bytes: z.number().int(), seconds: z.number(), at: z.number() }),
  z.object({ state: z.literal('failed'), problem: z.string(), tries: z.number().int(), at: z.number() }),
  /** It was recorded, and there is nothing of it: no broadcast ran in the recorded times. */
  z.object({ state: z.literal('empty'), at: z.number() }),
])
export type RecordingState = z.infer<typeof recordingState>

/** Null for anything that is none. */
export function parseRecordingState(text: string | null): RecordingState | null {
  if (text === null) return null
  try {
    return recordingState.parse(JSON.parse(text))
  } catch {
    return null
  }
}
