/** Numbers of the broadcast that players are promised; none may change while a class is on (RFC 8216bis, 6.2.1). */

/**
 * The worker aims at 2 s. When a request for a key frame is lost, one more interval passes: a segment may take
 * up to 4.49 s and still be legal.
 */
export const TARGET_SECONDS = 4
/** Parts are about 0.23 s, cut one frame ahead: 0.27 holds for 25 and 30 frames a second. */
export const PART_TARGET_SECONDS = 0.27
/** Nearer to the edge than this nothing is gained and stalls appear (measured with hls.js); over 3 x PART-TARGET. */
export const PART_HOLD_BACK_SECONDS = 1.2
/** The least that the RFC allows (4.4.3.8). */
export const SKIP_UNTIL_SECONDS = 6 * TARGET_SECONDS
/** Parts further from the edge than this are listed no more (RFC 8216bis, 6.2.2). */
export const PARTS_LISTED_SECONDS = 3 * TARGET_SECONDS
/** What is listed of a live class, from its edge: 12 hours, longer than any class. 1 MB of memory a variant. */
export const DVR_SEGMENTS = 21_600
/** What is left in the playlist of a class that has ended and was not recorded: players at the edge finish. */
export const UNRECORDED_SECONDS = 60
/** How long a blocked reload is held before 503 (RFC 8216bis, 6.2.5.2). */
export const HOLD_MS = 3 * TARGET_SECONDS * 1000
/** How long the first request of a player is held while a run begins: players give up after 10 s. */
export const START_HOLD_MS = 8_000
/** How many parts ahead of the newest a reload may ask for: 3 s worth (RFC 8216bis, 6.2.5.2). */
export const ADVANCE_PARTS = Math.ceil(3 / PART_TARGET_SECONDS)
/** A player holds one reload and one hinted part a rendition; 16 leaves room for switches and for a second tab. */
export const HELD_PER_TOKEN = 16
/** Held for all viewers together: connections that a process may have open, and 2 kB of memory each. */
export const HELD_IN_ALL = 50_000
/**
 * Of these for all who share the token of a class: two reloads for each of 10,000 people who come without an edge
 * (behind one they hold one between them). One such token alone keeps no other class out.
 */
export const HELD_PER_CLASS = 20_000
/**
 * Media under way to one viewer: browsers open six connections, and fetch for two pictures. Each keeps its bytes in
 * memory until the viewer has taken them.
 */
export const SENDING_PER_TOKEN = 32
/** Media that are not taken within this are not sent on: slower than the sound alone, nobody watches so. */
export const SLOWEST_MS = 60_000
/** A viewer who takes no byte for so long is gone; longer than a request is held. */
export const STUCK_MS = 30_000
/** A token once found good is good for so long: what a removed person may still see. */
export const TOKEN_CACHE_MS = 5000
