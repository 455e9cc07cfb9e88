import type { Directory } from '../server/people/directory'
import { findApiKey } from './api-keys'
import { listAttendance } from './attendance'
import { findClassByCode, insertClass } from './classes'
import { claimExternalId } from './people'
import type { Db } from './pool'

export function createDirectory(db: Db): Directory {
  return {
    addClass: (row) => insertClass(db, row),
    findClassByCode: async (code) => (await findClassByCode(db, code))?.classId ?? null,
    claimExternalId: (classId, externalId, personId) => claimExternalId(db, classId, externalId, personId),
    findApiKey: (keyHash) => findApiKey(db, keyHash),
    listAttendance: (classId, after, limit) => listAttendance(db, classId, after, limit),
  }
}
