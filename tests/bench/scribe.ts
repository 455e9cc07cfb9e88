import { createFactArchive } from '../../db/facts'
import type { FactBody } from '../../server/classroom/facts'
import type { FactArchive, FollowedClass } from '../../server/log/class-logs'
import { classRules, type Rules } from '../../server/log/rules'
import { by, createTestClass, startStores, system, toRegister } from '../support/class-processes'
import { readIdle } from './process-cost'
import { quantile, report } from './report'

/**
 * Facts of several classes into a PostgreSQL that keeps what it has committed (`fsync` on), by the scribe of the process
 * that leads them: at a steady rate, and after the database was away (`scribe`: what it can do). The peer is the same
 * facts, one insert each. Only `decide` is not what people meet: one command makes many facts here, as it is the
 * archive that is measured.
 */
const CLASSES = Number(process.env.BENCH_CLASSES ?? 8)
const FACTS_A_SECOND = Number(process.env.BENCH_FACTS_A_SECOND ?? 31_000)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 10)
const BACKLOG_FACTS = Number(process.env.BENCH_BACKLOG ?? 100_000)
const ONE_BY_ONE = 3_000
const TICK_MS = 20
const STUDENTS = 200

const lagsMs: number[] = []
let archived = 0
let held: Promise<void> = Promise.resolve()

const stores = await startStores(undefined, { durable: true })
try {
  const logs = await stores.start({ rules: burstRules(), archive: watched(createFactArchive(stores.db)) })
  const classes: FollowedClass[] = []
  for (let i = 0; i < CLASSES; i++) classes.push(await openClass())

  const peer = 'one by one'
  const oneByOne = await insertOneByOne()
  await flow(2) // warm
  lagsMs.length = 0
  const [idleBefore, usageBefore] = [readIdle(), process.cpuUsage()]
  const sustained = await flow(SECONDS)
  const [idleAfter, cpu] = [readIdle(), process.cpuUsage(usageBefore)]
  const bench = 'scribe_sustained'
  report({ bench, metric: 'throughput', value: sustained, unit: '1/s', peer, ratio: sustained / oneByOne })
  report({ bench, metric: 'p50', value: quantile(lagsMs, 0.5), unit: 'ms' })
  report({ bench, metric: 'p99', value: quantile(lagsMs, 0.99), unit: 'ms' })
  report({ bench, metric: 'max', value: quantile(lagsMs, 1), unit: 'ms' })
  report({ bench, metric: 'cores', value: (cpu.user + cpu.system) / 1e6 / SECONDS, unit: 'cores' })
  const idle = (idleAfter.idle - idleBefore.idle) / (idleAfter.total - idleBefore.total)
  report({ bench, metric: 'idle', value: idle, unit: 'share' })
  if (idle < 0.1) console.error('The machine had less than a tenth left: these figures are of a starved run.')

  const backlog = await catchUp()
  report({
    bench: 'scribe',
    metric: 'throughput',
    value: backlog,
    unit: '1/s',
    peer,
    ratio: backlog / oneByOne,
  })
  await count()

  async function openClass(): Promise<FollowedClass> {
    const { classId, followed } = await createTestClass(logs, { seats: STUDENTS / 2 })
    await logs.submit(classId, toRegister('t', 'teacher'))
    await logs.submit(classId, by('t', { name: 'class:start' }))
    for (let i = 0; i < STUDENTS; i++) await logs.submit(classId, toRegister(`s${i}`))
    return followed
  }

  /** Facts a second that were archived, from the first that was made until the last was in the database. */
  async function flow(seconds: number): Promise<number> {
    const before = archived
    const started = performance.now()
    let made = 0
    while (performance.now() - started < seconds * 1000) {
      const due = ((performance.now() - started) / 1000) * FACTS_A_SECOND - made
      const each = Math.max(1, Math.round(due / CLASSES))
      if (due > 0) await Promise.all(classes.map((one) => makeFacts(one, each)))
      made += due > 0 ? each * CLASSES : 0
      await new Promise((resolve) => setTimeout(resolve, TICK_MS))
    }
    await untilArchived()
    return (archived - before) / ((performance.now() - started) / 1000)
  }

  /** The rate at which a database that was away is caught up with. */
  async function catchUp(): Promise<number> {
    let release = () => {}
    held = new Promise((resolve) => {
      release = resolve
    })
    for (let made = 0; made < BACKLOG_FACTS; made += 500 * CLASSES) {
      await Promise.all(classes.map((one) => makeFacts(one, 500)))
    }
    const [before, started] = [archived, performance.now()]
    release()
    await untilArchived()
    return (archived - before) / ((performance.now() - started) / 1000)
  }

  async function makeFacts({ classId }: FollowedClass, facts: number) {
    const outcome = await logs.submit(
      classId,
      by(system, { name: 'stage:seen', personId: String(facts), present: true }),
    )
    if (!outcome.ok) throw new Error(JSON.stringify(outcome))
  }

  async function untilArchived() {
    while (logs.status().scribe.lagFacts > 0) await new Promise((resolve) => setTimeout(resolve, 2))
  }

  async function count() {
    const { rows } = await stores.db.query<{ classId: string; facts: number; newest: number }>(
      'select class_id as "classId", count(*) as facts, max(seq) as newest from class_facts group by class_id',
    )
    const sum = (of: (one: FollowedClass) => number) => classes.reduce((all, one) => all + of(one), 0)
    const factsOf = (classId: string) => rows.find((row) => row.classId === classId)?.facts ?? 0
    const lost = sum(({ classId, head }) => Math.max(0, head.seq - factsOf(classId)))
    const double = sum(({ classId, head }) => Math.max(0, factsOf(classId) - head.seq))
    report({ bench: 'scribe', metric: 'lost', value: lost, unit: 'count' })
    report({ bench: 'scribe', metric: 'double', value: double, unit: 'count' })
  }

  async function insertOneByOne(): Promise<number> {
    const facts = (await classes[0]?.factsAfter(1, 0)) ?? []
    const started = performance.now()
    for (let i = 0; i < ONE_BY_ONE; i++) {
      const fact = facts[i % facts.length]
      await stores.db.query(
        `insert into class_facts (class_id, epoch, org_id, seq, type, at, fact) values ($1, 1, 'org_default', $2, $3, $4, $5)`,
        ['cls_peer', i + 1, fact?.type, new Date(fact?.at ?? 0), JSON.stringify(fact)],
      )
    }
    const rate = ONE_BY_ONE / ((performance.now() - started) / 1000)
    await stores.db.query("delete from class_facts where class_id = 'cls_peer'")
    report({ bench: 'scribe_peer', metric: 'throughput', value: rate, unit: '1/s' })
    return rate
  }
} finally {
  await stores.stop()
}

/** Notes when each fact was in the database; `held` keeps the archive away for a while. */
function watched(archive: FactArchive): FactArchive {
  return {
    ...archive,
    async appendFacts(batch) {
      await held
      const written = await archive.appendFacts(batch)
      if (!written) return false
      const now = Date.now()
      for (const fact of batch.facts) lagsMs.push(now - fact.at)
      archived += batch.facts.length
      return true
    },
  }
}

/** The usual rules, but for a command of the bench that makes as many facts as it says: those of a lively class. */
function burstRules(): Rules {
  let made = 0
  function* lively(facts: number): Generator<FactBody> {
    for (let i = 0; i < facts; i++) {
      const personId = `s${made % STUDENTS}`
      const requestId = `req_${made}`
      switch (made++ % 10) {
        case 0:
          yield { type: 'person.joined', personId, tier: 'overflow' }
          break
        case 1:
          yield { type: 'person.left', personId: `s${(made - 2) % STUDENTS}`, reason: 'left' }
          break
        case 2:
          yield { type: 'request.made', requestId, kind: 'voice', personId, anonymous: false, order: made }
          break
        case 3:
          yield { type: 'request.withdrawn', requestId: `req_${made - 2}`, by: 'owner' }
          break
        default:
          yield {
            type: 'chat.sent',
            messageId: `msg_${made}`,
            personId,
            text: `I see the point, number ${made}`,
          }
      }
    }
  }
  return {
    ...classRules,
    decide(state, envelope, context) {
      const { command } = envelope
      if (command.name !== 'stage:seen') return classRules.decide(state, envelope, context)
      return { ok: true, facts: [...lively(Number(command.personId))] }
    },
  }
}
