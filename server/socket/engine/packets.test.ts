import fc from 'fast-check'
import { Decoder, Encoder, PacketType } from 'socket.io-parser'
import { expect, test } from 'vitest'
import { parsePacket, toAckFrame, toConnectErrorFrame, toConnectFrame, toEventFrame } from './packets'

/** What stock Socket.IO makes of a value, and we of a frame. */
const encode = (packet: object) => `4${new Encoder().encode(packet as never)[0]}`
const textOf = (frame: Buffer) => {
  const length = frame[1] ?? 0
  return frame.subarray(length < 126 ? 2 : length === 126 ? 4 : 10).toString()
}
function decode(frame: Buffer) {
  const decoder = new Decoder()
  let decoded: unknown
  decoder.on('decoded', (packet) => {
    decoded = packet
  })
  decoder.add(textOf(frame).slice(1))
  return decoded
}

const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)
const reserved = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']
const eventName = fc.string().filter((name) => !reserved.includes(name))

test('[ENG1] an event of a stock client is read as it was sent, with or without a wish for an answer', () => {
  const ackId = fc.option(fc.nat(), { nil: null })
  fc.assert(
    fc.property(eventName, fc.array(json), ackId, (name, args, id) => {
      const data = [name, ...args]
      const text = encode({ type: PacketType.EVENT, nsp: '/', data, ...(id !== null && { id }) })
      expect(parsePacket(text)).toEqual({ kind: 'event', name, args, ackId: id })
    }),
  )
})

test('[ENG2] what we send is what stock Socket.IO reads', () => {
  fc.assert(
    fc.property(eventName, fc.dictionary(fc.string(), json), fc.nat(), (name, payload, id) => {
      const simple = /["\\\p{C}]/u.test(name) ? 'facts' : name
      const read = decode(toEventFrame(simple, JSON.stringify(payload)))
      expect(read).toEqual({ type: PacketType.EVENT, nsp: '/', data: [simple, payload] })
      expect(decode(toAckFrame(id, payload))).toEqual({ type: PacketType.ACK, nsp: '/', id, data: [payload] })
    }),
  )
  expect(decode(toEventFrame('resync', null))).toMatchObject({ data: ['resync'] })
  expect(decode(toConnectFrame('a-1'))).toEqual({ type: PacketType.CONNECT, nsp: '/', data: { sid: 'a-1' } })
  const error = { message: 'No.', data: { code: 'no' } }
  expect(decode(toConnectErrorFrame(error))).toEqual({
    type: PacketType.CONNECT_ERROR,
    nsp: '/',
    data: error,
  })
  expect(decode(toConnectErrorFrame(error, '/other'))).toMatchObject({ nsp: '/other' })
})

test('[ENG3] connecting carries an object or nothing; another namespace is not here', () => {
  expect(parsePacket('40')).toEqual({ kind: 'connect', auth: undefined })
  expect(parsePacket('40{"token":"x"}')).toEqual({ kind: 'connect', auth: { token: 'x' } })
  expect(parsePacket('40/admin,{"token":"x"}')).toEqual({ kind: 'foreign', namespace: '/admin' })
  for (const text of ['40[]', '40null', '40"x"', '40{', '401']) {
    expect(parsePacket(text), text).toEqual({ kind: 'broken' })
  }
})

test('[ENG4] what no stock client sends, and binary attachments, are broken; answers to nothing are nothing', () => {
  const broken = [
    ...['', '0', '2', '2probe', '7', 'x', '4', '45', '451-["x",{"_placeholder":true,"num":0}]', '461-[]'],
    ...['42', '42[]', '42{"a":1}', '42[1]', '42[{"a":1}]', '42["disconnect"]', '42["x"', '42-1["x"]'],
    ...[
      `40/${'x'.repeat(1000)}`,
      '42/other,["x"]',
      '41/other,',
      '44"error"',
      '49999999999',
      '421234567890123456["x"]',
    ],
  ]
  for (const text of broken) expect(parsePacket(text), text).toEqual({ kind: 'broken' })
  for (const text of ['430[]', '43[]', '6', '5']) expect(parsePacket(text), text).toEqual({ kind: 'nothing' })
  for (const text of ['3', '3probe']) expect(parsePacket(text), text).toEqual({ kind: 'pong' })
  for (const text of ['1', '41']) expect(parsePacket(text), text).toEqual({ kind: 'disconnect' })
})

test('[ENG5] whatever comes, reading it never throws, pollutes nothing and takes no other shape', () => {
  const kinds = new Set(['connect', 'event', 'pong', 'disconnect', 'foreign', 'nothing', 'broken'])
  const begun = fc.tuple(fc.constantFrom('40', '42', '420', '43', '40/', '42/', '4', ''), fc.string())
  const mutated = fc.tuple(json, fc.nat(), fc.string()).map(([value, at, dirt]) => {
    const text = `42["x",${JSON.stringify(value)}]`
    const cut = at % text.length
    return text.slice(0, cut) + dirt + text.slice(cut + dirt.length)
  })
  const texts = fc.oneof(
    begun.map((parts) => parts.join('')),
    mutated,
  )
  fc.assert(
    fc.property(texts, (text) => {
      expect(kinds.has(parsePacket(text).kind)).toBe(true)
    }),
  )
  const deep = `42["x",${'['.repeat(30_000)}${']'.repeat(30_000)}]`
  expect(kinds.has(parsePacket(deep).kind)).toBe(true)
  parsePacket('42["x",{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}]')
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})
