import { ServerError } from 'livekit-server-sdk'

/** Twirp's `not_found`: the room or the participant is not there (any more). */
export function isNotFound(error: unknown): boolean {
  return error instanceof ServerError && (error.code === 'not_found' || error.status === 404)
}
