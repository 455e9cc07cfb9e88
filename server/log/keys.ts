/** Names in Redis. What belongs to a class carries its hash tag, so that one script may touch all of it. */
export const keysOf = (classId: string) => ({
  log: `amphi:{${classId}}:log`,
  head: `amphi:{${classId}}:head`,
  lease: `amphi:{${classId}}:lease`,
  checkpoint: `amphi:{${classId}}:checkpoint`,
  /** A channel: something was appended, or the lease is free. */
  hints: `amphi:{${classId}}:facts`,
})

/** Ids of the classes that are not over: somebody has to lead them. */
export const openClassesKey = 'amphi:classes'

export const processChannel = (processId: string) => `amphi:process:${processId}`
export const topicChannel = (topic: string) => `amphi:processes:${topic}`
