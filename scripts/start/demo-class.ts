import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { callApi } from '../stack/loopback'
import type { Stack } from '../stack/stack'

/** Two seats, so that the third student who joins is the first in the overflow; one language is right to left. */
const DEMO_CLASS = { title: 'Demo class', seats: 2, languages: ['en', 'de', 'ar'] }

const links = z.object({ teacher: z.string(), assistant: z.string(), student: z.string() })
const createdClass = z.object({ id: z.string(), links })

export type DemoClass = z.infer<typeof createdClass>

/** The demo class of this DATA_DIR: the one of the last start unless it is ended or gone, else a new one. */
export async function openDemoClass(stack: Stack): Promise<DemoClass> {
  const known = await readDemoClass(stack.config.dataDir)
  if (known && (await isOpen(stack, known.id))) return withOrigin(known, stack.url)
  const answer = await callApi(stack.config, 'POST', '/api/v1/classes', DEMO_CLASS)
  if (answer.status !== 201) {
    throw new Error(`The demo class could not be made: ${answer.status} ${answer.text}`)
  }
  const made = createdClass.parse(JSON.parse(answer.text))
  await writeFile(toPath(stack.config.dataDir), `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 })
  return withOrigin(made, stack.url)
}

/** As the last start left it; its links may have another origin than PUBLIC_URL. */
export async function readDemoClass(dataDir: string): Promise<DemoClass | undefined> {
  const text = await readFile(toPath(dataDir), 'utf8').catch(() => 'null')
  return createdClass.safeParse(JSON.parse(text)).data
}

const toPath = (dataDir: string): string => join(dataDir, 'demo-class.json')

async function isOpen(stack: Stack, id: string): Promise<boolean> {
  const answer = await callApi(stack.config, 'GET', `/api/v1/classes/${id}`)
  if (answer.status !== 200) return false
  const { phase } = z.object({ phase: z.string() }).parse(JSON.parse(answer.text))
  return phase !== 'ended'
}

/** PUBLIC_URL may be another one than when the links were made. */
function withOrigin(demo: DemoClass, publicUrl: string): DemoClass {
  const move = (link: string) => {
    const { pathname, search, hash } = new URL(link, publicUrl)
    return `${publicUrl}${pathname}${search}${hash}`
  }
  const { teacher, assistant, student } = demo.links
  return {
    ...demo,
    links: { teacher: move(teacher), assistant: move(assistant), student: move(student) },
  }
}
