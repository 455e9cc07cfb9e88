// A second client: joins a class by its code and takes part, with nothing but fetch and socket.io-client.
//
//   node docs/examples/second-client.mjs http://localhost:3000 CODE "Ana" ["a question to ask"]
//
// It prints what happens until the class is over. The protocol: server/protocol/PROTOCOL.md
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { io } from 'socket.io-client'

const [baseUrl = 'http://localhost:3000', code = '', name = 'Second client', question] = process.argv.slice(2)
/** No ack within this time: send again, with the same id. */
const ACK_TIMEOUT_MS = 10_000
const PAUSE_LIMIT_MS = 30_000

/** @type {{ epoch: number, seq: number } | undefined} */
let position
/** After a hole, frames are not applied until the missing ones have come. */
let waitsForResume = false
let over = false
let pauseMs = 1000

/** @param {string} path @param {object} body @param {string} [token] */
async function post(path, body, token) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const response = await fetch(new URL(path, baseUrl), {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  const answer = await response.json()
  if (!response.ok) throw Object.assign(new Error(answer.detail ?? answer.code), answer)
  return answer
}

/**
 * A gateway token is good once: every connection begins with a join, which gives the same seat again.
 * @param {string} classId @param {string} token
 */
async function connect(classId, token) {
  const join = await post(`/api/v1/classes/${classId}/join`, {}, token)
  const socket = io(join.gateway.url, {
    path: '/gateway',
    transports: ['websocket'],
    reconnection: false,
    auth: { token: join.gateway.token, protocol: 1, ...(position && { resume: position }) },
  })

  socket.on('snapshot', ({ epoch, seq, class: view }) => {
    position = { epoch, seq }
    waitsForResume = false
    console.log(`the class "${view.title}" is ${view.phase}, at fact ${seq}`)
  })
  socket.on('facts', ({ after, seq, facts }) => {
    if (!position) return
    if (after !== position.seq) {
      if (!waitsForResume) socket.emit('resume', position, () => {})
      waitsForResume = true
      return
    }
    waitsForResume = false
    position.seq = seq
    for (const fact of facts) console.log(fact.seq, fact.type, fact.text ?? '')
  })
  socket.on('resync', () => {
    position = undefined
  })
  socket.on('you', ({ tier, can, seat, stage }) => {
    console.log('you:', tier, seat?.state ?? '', stage?.state ?? '', `may do ${can.length} things`)
    pauseMs = 1000
  })
  socket.on('counts', ({ seats, overflow }) => {
    console.log(`${seats.held} of ${seats.limit} seats taken, ${overflow} in overflow`)
  })
  socket.on('bye', ({ code, message, retryable, retryAfterMs }) => {
    console.log(`bye: ${code}: ${message}`)
    over = !retryable
    pauseMs = retryAfterMs ?? pauseMs
  })
  return socket
}

/** @param {import('socket.io-client').Socket} socket @param {string} command @param {object} payload */
async function ask(socket, command, payload, id = randomUUID()) {
  const answer = await socket.timeout(ACK_TIMEOUT_MS).emitWithAck(command, { id, ...payload })
  console.log(command, answer.ok ? `done by fact ${answer.seq}` : `refused: ${answer.error.code}`)
  return answer
}

const { personId, classId, token } = await post(`/api/v1/join/${encodeURIComponent(code)}`, { name })
console.log(`in class ${classId} as ${personId}`)
let toAsk = question
const questionId = randomUUID()

while (!over) {
  try {
    const socket = await connect(classId, token)
    /** @type {Promise<void>} */
    const gone = new Promise((resolve, reject) => {
      socket.on('disconnect', () => resolve())
      socket.on('connect_error', (error) => reject(Object.assign(error, /** @type {any} */ (error).data)))
    })
    socket.once('you', async () => {
      if (!toAsk) return
      const answer = await ask(socket, 'question:ask', { text: toAsk }, questionId).catch(() => null)
      if (answer && (answer.ok || !answer.error.retryable)) toAsk = undefined
    })
    await gone
  } catch (error) {
    const { code, message, retryable = true } = /** @type {any} */ (error)
    console.log(`not connected: ${code ?? ''} ${message}`)
    over = !retryable
  }
  if (over) break
  await sleep(pauseMs * (0.5 + Math.random()))
  pauseMs = Math.min(pauseMs * 2, PAUSE_LIMIT_MS)
}
