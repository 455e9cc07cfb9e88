import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filterRows } from '../../server/classroom/table'
import { Rehearsal } from '../support/rehearsal'

/**
 * Records a lesson in which everything happens that can: `node --import tsx tests/golden/record.ts 0.1.0`. Once with
 * every release; a recorded file is never written again, as it stands for the facts that lie in people's databases. Only the file of a
 * version that is not released yet is taken away and recorded anew when there is another type of fact.
 */
const version = process.argv[2]
if (!version) throw new Error('say which release: record.ts 0.1.0')

const c = new Rehearsal({ seats: 1, languages: ['en', 'de', 'ar'], stageLimit: 2, recording: 'on' })
c.enter('t', 'teacher')
c.enter('a', 'assistant')
c.enter('s1')
c.enter('s2', 'student', 'de')
c.as('t', { name: 'class:start' })
for (const id of ['s3', 's4']) c.enter(id, 'student', 'ar')
c.system({ name: 'broadcast:run', runId: 'run_a' })
c.system({ name: 'broadcast:seen', runId: 'run_a' })
c.as('t', { name: 'class:settings', lobby: true })
for (const id of ['s5', 's6']) c.enter(id)
c.as('a', { name: 'person:admit', personId: 's5' })
c.as('a', { name: 'person:deny', personId: 's6' })
c.as('s2', { name: 'hand:raise', text: 'I would like to try', sawAt: c.now - 2_000 })
c.as('s3', { name: 'question:ask', text: 'لماذا؟', language: 'ar', anonymous: true })
c.as('s4', { name: 'question:ask', text: 'Why so?', language: 'en' })
c.now += 61_000
c.as('s1', { name: 'question:ask', text: 'Why?', language: 'en' })
const [first, second, third] = filterRows(c.state.requests, (r) => r.kind === 'text').sort(
  (x, y) => x.madeAt - y.madeAt,
)
const of = (request: { requestId: string } | undefined) => request?.requestId ?? ''
for (const request of [first, second]) c.as('a', { name: 'request:publish', requestId: of(request) })
c.as('s1', { name: 'request:vote', requestId: of(second) })
c.as('s2', { name: 'request:vote', requestId: of(second) })
c.as('s2', { name: 'request:unvote', requestId: of(second) })
c.as('t', { name: 'request:merge', requestId: of(second), into: of(first) })
c.as('t', { name: 'request:decline', requestId: of(third) })
c.as('t', { name: 'screen:show', requestId: of(first), translations: { en: 'Why?', de: 'Warum?' } })
c.as('t', { name: 'request:answer', requestId: of(first) })
c.as('t', { name: 'screen:clear' })
const invited = (personId: string) => c.state.invitations[personId]?.invitationId ?? ''
c.as('t', { name: 'stage:invite', personId: 's2', grade: 'video' })
c.as('s2', { name: 'stage:progress', invitationId: invited('s2'), step: 'blocked', error: 'NotAllowedError' })
c.as('s2', { name: 'stage:accept', invitationId: invited('s2') })
c.system({ name: 'stage:seen', personId: 's2', present: true })
c.as('t', { name: 'stage:pin', personId: 's2' })
c.as('t', { name: 'stage:time', personId: 's2', seconds: 90 })
c.as('t', { name: 'stage:mute', personId: 's2' })
c.as('t', { name: 'stage:invite', personId: 's3', grade: 'audio' })
c.as('s3', { name: 'stage:decline', invitationId: invited('s3') })
c.as('t', { name: 'stage:invite', personId: 's3', grade: 'audio' })
c.as('t', { name: 'stage:cancel', invitationId: invited('s3') })
c.as('s2', { name: 'stage:leave' })
c.as('s1', { name: 'seat:release' })
c.as('s2', { name: 'seat:accept', offerId: c.state.offers.s2?.offerId ?? '' })
c.as('s1', { name: 'seat:want', want: true })
c.as('t', { name: 'seat:take', personId: 's2' })
c.as('s3', { name: 'seat:decline', offerId: c.state.offers.s3?.offerId ?? '' })
c.system({ name: 'broadcast:run', runId: 'run_b', previousEnd: { segments: 31, lastParts: 4 } })
c.system({ name: 'broadcast:seen', runId: 'run_b' })
c.system({ name: 'broadcast:standby', runId: 'run_c' })
const shown = { personId: 't', source: 'screen' } as const
const beside = { personId: 't', source: 'camera' } as const
c.system({ name: 'broadcast:picture', runId: 'run_b', main: shown, aside: beside, at: c.now })
for (const recording of ['off', 'on'] as const) c.as('t', { name: 'class:settings', recording })
c.as('s4', { name: 'chat:send', text: 'Hello 👋' })
c.as('a', { name: 'chat:remove', messageId: c.state.chat[0]?.messageId ?? '' })
c.as('a', { name: 'chat:mute', personId: 's4', minutes: 5 })
c.as('t', { name: 'caption:say', text: 'So we begin.', language: 'en', final: true })
c.as('t', { name: 'class:quiet', on: true })
c.now += 61_000
c.as('t', { name: 'class:quiet', on: false })
c.as('s5', { name: 'hand:raise' })
c.as('t', { name: 'hand:lower-all' })
c.as('t', { name: 'person:role', personId: 's5', role: 'assistant' })
c.as('t', { name: 'person:remove', personId: 's4', reason: 'noise' })
c.system({ name: 'person:gone', personId: 's3' })
c.as('t', { name: 'class:end' })
c.system({ name: 'broadcast:stop', end: { segments: 40, lastParts: 2 } })
c.as('t', { name: 'recording:delete' })

const file = join(import.meta.dirname, `${version}.json`)
const facts = c.steps.flatMap((step) => step.facts)
writeFileSync(file, `${JSON.stringify({ facts, state: c.state }, null, 1)}\n`, { flag: 'wx' })
console.log(`${facts.length} facts, ${new Set(facts.map((f) => f.type)).size} types: ${file}`)
