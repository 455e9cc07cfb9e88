import type { ClassSettings } from '../classroom/settings'

export type RoomSettings = Pick<ClassSettings, 'seats' | 'stageLimit'>

/**
 * LiveKit enforces `max_participants` under the room's lock and never changes it in a live room, while a teacher
 * may raise the seats at any time: twice the seats, and for small classes room for 200 more.
 */
const SEAT_FACTOR = 2
const SEAT_MARGIN = 200
/** Teacher, assistants and captioners, each perhaps on two devices' worth of dying connections. */
const STAFF_MARGIN = 50

/** The second wall behind the log's own seats: far above what the log admits, far below a flood. */
export function toParticipantCeiling({ seats, stageLimit }: RoomSettings): number {
  return Math.max(seats * SEAT_FACTOR, seats + SEAT_MARGIN) + stageLimit + STAFF_MARGIN
}

/**
 * The room must outlive an hour without anybody (a teacher's connection, a break): its end would end the broadcast
 * too. Rooms are deleted when the class ends.
 */
export const ROOM_EMPTY_SECONDS = 3600
