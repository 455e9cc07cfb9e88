import { expect, test } from 'vitest'
import { createJournalWriter } from './journal-writer'

/** Takes so many bytes at once, and no more than there is room. */
function createDisk(room: number, atOnce: number) {
  const disk = { room, text: '' }
  const open = async () => ({
    async write(bytes: Buffer) {
      if (disk.room === 0) throw new Error('no space left')
      const bytesWritten = Math.min(bytes.length, atOnce, disk.room)
      disk.room -= bytesWritten
      disk.text += bytes.toString('utf8', 0, bytesWritten)
      return { bytesWritten }
    },
    close: async () => {},
  })
  return { disk, open }
}

test('[OFF16] a disk that fills in the middle of a batch gets the rest of it before anything else', async () => {
  const { disk, open } = createDisk(12, 5)
  const writer = createJournalWriter(open)
  writer.put([{ n: 1 }, { n: 2 }])
  await expect(writer.flush()).rejects.toThrow('no space left')
  expect(disk.text).toBe('{"n":1}\n{"n"')
  expect(writer.isFlushed()).toBe(false)
  writer.put([{ n: 3 }])
  await expect(writer.flush()).rejects.toThrow('no space left')
  disk.room = 100
  await writer.flush()
  expect(disk.text).toBe('{"n":1}\n{"n":2}\n{"n":3}\n')
  expect(writer.isFlushed()).toBe(true)
})
