import { DisconnectReason } from 'livekit-client'

/** What this person has on. It outlives the connection that carries it: a loss is not a wish to be silent. */
export type Sending = { microphone: boolean; camera: boolean; screen: boolean }
export type SendingDevice = keyof Sending
export const nothingSent: Sending = { microphone: false, camera: false, screen: false }

export type SendingEvent =
  /** Switched by the person, muted by staff, or a screen whose sharing ended in the browser's own bar. */
  | { type: 'on' | 'off'; device: SendingDevice }
  | { type: 'barred' }
  | { type: 'lost'; reason: DisconnectReason | undefined }

export function evolveSending(now: Sending, event: SendingEvent): Sending {
  switch (event.type) {
    case 'on':
    case 'off':
      return { ...now, [event.device]: event.type === 'on' }
    case 'barred':
      return nothingSent
    case 'lost':
      return isFinal(event.reason) ? nothingSent : now
  }
}

/** Somebody meant it: staff removed them, or they went on in another window. A freeze counts as CLIENT_INITIATED. */
function isFinal(reason: DisconnectReason | undefined): boolean {
  return reason === DisconnectReason.PARTICIPANT_REMOVED || reason === DisconnectReason.DUPLICATE_IDENTITY
}

export type SendingRights = { publish: boolean; camera: boolean }

/** Connected anew: what to switch on again, and whether a screen was lost, which only a gesture brings back. */
export function toSentAgain(sending: Sending, may: SendingRights) {
  return {
    microphone: may.publish && sending.microphone,
    camera: may.publish && may.camera && sending.camera,
    screenLost: may.publish && sending.screen,
  }
}
