/**
 * Every name of Amphi's in Redis. What belongs to a class carries its hash tag, so that one script may touch all of it.
 */
export const keysOf = (classId: string) => ({
  log: `amphi:{${classId}}:log`,
  head: `amphi:{${classId}}:head`,
  lease: `amphi:{${classId}}:lease`,
  checkpoint: `amphi:{${classId}}:checkpoint`,
  /** A channel: something was appended, or the lease is free. */
  hints: `amphi:{${classId}}:facts`,
  /** What the director tells the origins, and where in the log it was when it did; `plan` is a channel too. */
  plan: `amphi:{${classId}}:plan`,
  planHead: `amphi:{${classId}}:plan:head`,
  /** What the origins tell the director, by run; a channel too. */
  health: `amphi:{${classId}}:health`,
  /** What has become of the one file of its recording, and who makes it. */
  recording: `amphi:{${classId}}:recording`,
  recordingLock: `amphi:{${classId}}:recording:lock`,
})

/** A pattern that fits the channel `plan` of every class. */
export const planChannels = keysOf('*').plan
export function classOf(key: string): string {
  return key.slice(key.indexOf('{') + 1, key.indexOf('}'))
}

/** Ids of the classes that are not over: somebody has to lead them. */
export const openClassesKey = 'amphi:classes'

/** Ids of classes whose recording was deleted because its time was over, until the log says so. */
export const overRecordingsKey = 'amphi:recordings:over'

/** By person, the least version of their tokens that is good; absent: every version is. */
export const revokedKey = 'amphi:revoked'
/** By network, how many joins a minute. */
export const joinsPrefix = 'amphi:joins'

/** Never written: whoever has its slot has the time. */
export const clockKey = 'amphi:clock'

export const processChannel = (processId: string) => `amphi:process:${processId}`
export const topicChannel = (topic: string) => `amphi:processes:${topic}`
