import type { FactArchive, StoredFact } from '../../server/log/archive'
import type { Head } from '../../server/log/head'

/** An archive that keeps heads and facts for as long as the test lasts, for tests that are about something else. */
export function createMemoryArchive(): FactArchive {
  const heads = new Map<string, Head>()
  const facts = new Map<string, StoredFact[]>()
  return {
    findPosition: async (classId) => heads.get(classId) ?? null,
    async appendFacts({ classId, head, facts: more }) {
      heads.set(classId, head)
      facts.set(classId, [...(facts.get(classId) ?? []), ...more])
      return true
    },
    async saveCheckpoint(classId, { head }) {
      heads.set(classId, head)
    },
    loadCheckpoint: async () => null,
    loadFacts: async (classId, _epoch, afterSeq, limit) =>
      (facts.get(classId) ?? []).filter(({ seq }) => seq > afterSeq).slice(0, limit),
    loadEpochs: async () => [],
    settle: async () => true,
    isSettled: async () => false,
    erasures: { add: async () => {}, list: async () => [], carryOut: async () => {} },
  }
}
