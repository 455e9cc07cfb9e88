import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** 256 bits: nothing shorter is worth a thought, nothing longer is safer. */
const SECRET_BYTES = 32

const schema = z.object({
  secretKeys: z.array(z.string()).min(1),
  adminApiKey: z.string(),
  livekit: z.object({ apiKey: z.string(), apiSecret: z.string() }),
  redisPassword: z.string(),
})

export type Secrets = z.infer<typeof schema>

/** The secrets of this DATA_DIR, made on the first start; the file is readable by its owner only. */
export async function loadSecrets(dataDir: string): Promise<{ secrets: Secrets; made: boolean }> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const file = toPath(dataDir)
  const found = await findSecrets(dataDir)
  if (found) {
    await chmod(file, 0o600)
    return { secrets: found, made: false }
  }
  const secrets = createSecrets()
  // written aside and renamed, so that a start cut short leaves no half file behind
  await writeFile(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return { secrets, made: true }
}

/** Of an earlier start. */
export async function findSecrets(dataDir: string): Promise<Secrets | undefined> {
  const file = toPath(dataDir)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return text === undefined ? undefined : parseSecrets(text, file)
}

const toPath = (dataDir: string): string => join(dataDir, 'secrets.json')

function parseSecrets(text: string, file: string): Secrets {
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    throw new Error(`${file} is damaged: put it back from a backup, or delete it to sign everyone out`)
  }
}

function createSecrets(): Secrets {
  const random = () => randomBytes(SECRET_BYTES).toString('base64url')
  return {
    secretKeys: [random()],
    adminApiKey: `amphi_${random()}`,
    livekit: { apiKey: `API${randomBytes(6).toString('hex')}`, apiSecret: random() },
    redisPassword: random(),
  }
}
