import { expect, test } from 'vitest'
import { CameraError, openDevices } from './open-devices'

/** A browser that asks before it opens a device; each answer is given by the test. */
function askingBrowser() {
  const open = new Set<string>()
  const asked: { device: string; allow(): void; refuse(): void }[] = []
  const devices = {
    getUserMedia: ({ audio }: MediaStreamConstraints = {}) =>
      new Promise<MediaStream>((resolve, reject) => {
        const device = audio ? 'microphone' : 'camera'
        const allow = () => {
          open.add(device)
          const track = { kind: device, stop: () => open.delete(device) }
          resolve({ getTracks: () => [track] } as unknown as MediaStream)
        }
        asked.push({ device, allow, refuse: () => reject(new Error('no')) })
      }),
  }
  const next = () => expect.poll(() => asked.length).toBeGreaterThan(0)
  return { devices, open, asked, next }
}

test('who allows both has both', async () => {
  const { devices, open, asked, next } = askingBrowser()
  const opened = openDevices(devices, true, () => true)
  asked.shift()?.allow()
  await next()
  asked.shift()?.allow()
  expect((await opened)?.map(({ kind }) => kind)).toEqual(['microphone', 'camera'])
  expect([...open]).toEqual(['microphone', 'camera'])
})

test('allowed after the invitation is gone, the microphone is closed and the camera not asked for', async () => {
  const { devices, open, asked } = askingBrowser()
  let wanted = true
  const opened = openDevices(devices, true, () => wanted)
  wanted = false
  asked.shift()?.allow()
  expect(await opened).toBeNull()
  expect(open.size).toBe(0)
  expect(asked).toEqual([])
})

test('gone while the browser asks for the camera, both are closed', async () => {
  const { devices, open, asked, next } = askingBrowser()
  let wanted = true
  const opened = openDevices(devices, true, () => wanted)
  asked.shift()?.allow()
  await next()
  wanted = false
  asked.shift()?.allow()
  expect(await opened).toBeNull()
  expect(open.size).toBe(0)
})

test('without a camera the microphone is closed too, and it is known which of the two failed', async () => {
  const { devices, open, asked, next } = askingBrowser()
  const opened = openDevices(devices, true, () => true)
  asked.shift()?.allow()
  await next()
  asked.shift()?.refuse()
  await expect(opened).rejects.toBeInstanceOf(CameraError)
  expect(open.size).toBe(0)
})
