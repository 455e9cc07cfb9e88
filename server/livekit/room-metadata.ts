/** LiveKit's metadata of the room, JSON: whose picture the teacher has pinned, for whoever composes the broadcast. */
export function toRoomMetadata(pinned: string | null): string {
  return JSON.stringify({ pinned })
}
