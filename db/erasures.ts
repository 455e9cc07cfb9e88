import { ERASED_NAME, erasableTypes } from '../server/classroom/erase'
import type { Fact } from '../server/classroom/facts'
import type { Erasure, Erasures } from '../server/log/erasures'
import { toJsonb } from './jsonb'
import { type Db, type Transaction, transact } from './pool'

/** No process uses a state of this version: its place in the line of epochs is all that is left of it. */
const NO_VERSION = 0

export function createErasures(db: Db): Erasures {
  return {
    async add({ classId, personId }) {
      await db.query(
        `insert into erasures (class_id, person_id, org_id)
         select class_id, $2, org_id from classrooms where class_id = $1 on conflict do nothing`,
        [classId, personId],
      )
    },

    // Any of them: some that cannot be carried out, as their class is of a newer version, hold up no others.
    async list(limit) {
      const { rows } = await db.query<Erasure>(
        'select class_id as "classId", person_id as "personId" from erasures order by random() limit $1',
        [limit],
      )
      return rows
    },

    carryOut: (erasure, erase) =>
      transact(db, async (transaction) => {
        await rewriteFacts(transaction, erasure, erase)
        await dropStates(transaction, erasure)
        await clearTables(transaction, erasure)
        await transaction.query('delete from erasures where class_id = $1 and person_id = $2', [
          ...[erasure.classId, erasure.personId],
        ])
      }),
  }
}

async function rewriteFacts(
  transaction: Transaction,
  { classId, personId }: Erasure,
  erase: (fact: Fact) => Fact,
) {
  const { rows } = await transaction.query<{ epoch: number; seq: number; fact: Fact }>(
    `select epoch, seq, fact from class_facts where class_id = $1 and type = any($3)
       and $2 in (fact->>'personId', fact->'cause'->>'personId', fact->'from'->>'personId')`,
    [classId, personId, erasableTypes],
  )
  const erased = rows.map(({ epoch, seq, fact }) => ({ epoch, seq, fact: erase(fact) }))
  await transaction.query(
    `update class_facts f set fact = r.fact
     from jsonb_to_recordset($2::jsonb) as r(epoch integer, seq bigint, fact jsonb)
     where f.class_id = $1 and f.epoch = r.epoch and f.seq = r.seq`,
    [classId, toJsonb(erased)],
  )
}

/** States of before; where epochs began stays known, as the way through the history leads over it. */
async function dropStates(transaction: Transaction, { classId }: Erasure) {
  const before = 'epoch < (select epoch from class_positions where class_id = $1)'
  await transaction.query(
    `delete from class_checkpoints where class_id = $1 and continues_epoch is null and ${before}`,
    [classId],
  )
  await transaction.query(
    `update class_checkpoints set version = $2, state = '{}' where class_id = $1 and ${before}`,
    [classId, NO_VERSION],
  )
}

async function clearTables(transaction: Transaction, { classId, personId }: Erasure) {
  await transaction.query(
    `update classroom_participants set external_id = null, name = $3 where class_id = $1 and person_id = $2`,
    [classId, personId, ERASED_NAME],
  )
  await transaction.query(
    'update classroom_requests set text = null where class_id = $1 and person_id = $2',
    [classId, personId],
  )
}
