import type { ArchiveBatch, Checkpoint, FactArchive } from '../server/log/archive'
import type { Head } from '../server/log/head'
import { createErasures } from './erasures'
import { toJsonb } from './jsonb'
import { type Db, type Transaction, transact } from './pool'
import { writeTables } from './query-tables'
import { correctStays, writeStays } from './write-stays'

/** Checkpoints of a class that are kept besides those that begin an epoch: one to use, one for a version before. */
const KEPT_CHECKPOINTS = 2

export function createFactArchive(db: Db): FactArchive {
  return {
    erasures: createErasures(db),

    async findPosition(classId) {
      const { rows } = await db.query<Head>(
        'select epoch, seq, nonce from class_positions where class_id = $1',
        [classId],
      )
      return rows[0] ?? null
    },

    appendFacts: (batch) =>
      transact(db, async (transaction) => {
        if (!(await movePosition(transaction, batch))) return false
        const { classId, tables, facts, head } = batch
        const { orgId } = tables.to
        await writeTables(transaction, tables.from, tables.to)
        await transaction.query(
          `insert into class_facts (class_id, epoch, org_id, seq, type, at, fact)
           select $1, $2, $3, (f->>'seq')::bigint, f->>'type',
             timestamptz 'epoch' + (f->>'at')::bigint * interval '1 millisecond', f
           from jsonb_array_elements($4::jsonb) f
           on conflict do nothing`,
          [classId, head.epoch, orgId, toJsonb(facts)],
        )
        await writeStays(transaction, { classId, orgId, epoch: head.epoch }, facts)
        return true
      }),

    saveCheckpoint: (classId, checkpoint, stateText = JSON.stringify(checkpoint.state)) =>
      transact(db, async (transaction) => {
        await insertCheckpoint(transaction, classId, checkpoint, stateText)
        if (!checkpoint.continues) return
        const { head, state } = checkpoint
        const { orgId } = state
        // First the class itself: what follows refers to it.
        await writeTables(transaction, null, state)
        await transaction.query(
          `insert into class_positions as p (class_id, org_id, epoch, seq, nonce) values ($1, $2, $3, $4, $5)
           on conflict (class_id) do update set epoch = excluded.epoch, seq = excluded.seq, nonce = excluded.nonce,
             settled = false
           where (p.epoch, p.seq) < (excluded.epoch, excluded.seq)`,
          [classId, orgId, head.epoch, head.seq, head.nonce],
        )
        await correctStays(transaction, { classId, orgId, epoch: head.epoch }, state)
      }),

    async loadCheckpoint(classId, version) {
      const { rows } = await db.query<Head & { state: Checkpoint['state'] }>(
        `select epoch, seq, nonce, state from class_checkpoints
         where class_id = $1 and version = $2 order by epoch desc, seq desc limit 1`,
        [classId, version],
      )
      const row = rows[0]
      if (!row) return null
      const { state, ...head } = row
      return { version, head, state }
    },

    async loadFacts(classId, epoch, afterSeq, limit) {
      const { rows } = await db.query<{ fact: Awaited<ReturnType<FactArchive['loadFacts']>>[number] }>(
        `select fact from class_facts
         where class_id = $1 and epoch = $2 and seq > $3 order by seq limit $4`,
        [classId, epoch, afterSeq, limit],
      )
      return rows.map((row) => row.fact)
    },

    async settle(classId, { epoch, seq, nonce }) {
      const { rowCount } = await db.query(
        `update class_positions set settled = true
         where class_id = $1 and epoch = $2 and seq = $3 and nonce = $4`,
        [classId, epoch, seq, nonce],
      )
      return rowCount === 1
    },

    async isSettled(classId) {
      const { rows } = await db.query('select from class_positions where class_id = $1 and settled', [
        classId,
      ])
      return rows.length === 1
    },

    async loadEpochs(classId) {
      const { rows } = await db.query<Head & { fromEpoch: number; fromSeq: number }>(
        `select epoch, seq, nonce, continues_epoch as "fromEpoch", continues_seq as "fromSeq"
         from class_checkpoints where class_id = $1 and continues_epoch is not null order by epoch, seq`,
        [classId],
      )
      return rows.map(({ fromEpoch, fromSeq, ...head }) => ({
        head,
        continues: { epoch: fromEpoch, seq: fromSeq },
      }))
    },
  }
}

/** The guard of "exactly once": of two that write from the same position one finds it moved. */
async function movePosition(
  transaction: Transaction,
  { classId, after, head, tables }: ArchiveBatch,
): Promise<boolean> {
  const to = [classId, head.epoch, head.seq, head.nonce]
  const { rowCount } =
    after.seq === 0
      ? await transaction.query(
          `insert into class_positions (class_id, epoch, seq, nonce, org_id) values ($1, $2, $3, $4, $5)
           on conflict do nothing`,
          [...to, tables.to.orgId],
        )
      : await transaction.query(
          `update class_positions set epoch = $2, seq = $3, nonce = $4, settled = false
           where class_id = $1 and epoch = $5 and seq = $6 and nonce = $7`,
          [...to, after.epoch, after.seq, after.nonce],
        )
  return rowCount === 1
}

async function insertCheckpoint(
  transaction: Transaction,
  classId: string,
  checkpoint: Checkpoint,
  stateText: string,
) {
  const { head, version, state, continues } = checkpoint
  await transaction.query(
    `insert into class_checkpoints (class_id, org_id, epoch, seq, nonce, version, state, continues_epoch, continues_seq)
     select $1, $2, $3, $4, $5, $6, $7, $8, $9
     where not exists (select from class_positions where class_id = $1 and epoch > $3)
     on conflict do nothing`,
    [
      ...[classId, state.orgId, head.epoch, head.seq, head.nonce, version, stateText],
      ...[continues?.epoch ?? null, continues?.seq ?? null],
    ],
  )
  await transaction.query(
    `delete from class_checkpoints where class_id = $1 and continues_epoch is null and (epoch, seq) not in (
       select epoch, seq from class_checkpoints
       where class_id = $1 and continues_epoch is null order by epoch desc, seq desc limit $2)`,
    [classId, KEPT_CHECKPOINTS],
  )
}
