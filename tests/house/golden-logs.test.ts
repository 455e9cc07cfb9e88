import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { evolve } from '../../server/classroom/evolve'
import type { Fact } from '../../server/classroom/facts'
import { defaultSettings } from '../../server/classroom/settings'
import { type ClassState, emptyClass } from '../../server/classroom/state'
import { knownTypes, upcast } from '../../server/classroom/upcast'

const folder = join(import.meta.dirname, '../golden')
const logs = readdirSync(folder).filter((name) => name.endsWith('.json'))

function replay(facts: { type: string; v: number }[]): ClassState {
  return facts.reduce(
    (state, stored) => {
      const fact = upcast(stored)
      if (fact === 'unknown') throw new Error(`${stored.type} v${stored.v} is not understood any more`)
      return evolve(state, fact)
    },
    emptyClass('cls_1', defaultSettings),
  )
}

describe('facts of earlier releases', () => {
  test.each(logs)('[LOG6] %s is understood to the end, as its release understood it', (name) => {
    const { facts, state } = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    const now = replay(facts)
    // A newer state may know more; what the release knew of class, people, requests and broadcast stays true.
    for (const key of [
      'title',
      'phase',
      'settings',
      'seats',
      'tiers',
      'stage',
      'screen',
      'chat',
      'seq',
      'at',
    ] as const) {
      expect(now[key], key).toEqual(state[key])
    }
    expect(now.broadcast).toEqual(state.broadcast)
    expect(now.people.size).toBe(state.people.size)
    expect(now.requests.size).toBe(state.requests.size)
  })

  test('every type of fact is in a golden log', () => {
    const seen = new Set(
      logs.flatMap((name) =>
        JSON.parse(readFileSync(join(folder, name), 'utf8')).facts.map((f: Fact) => f.type),
      ),
    )
    expect([...knownTypes].filter((type) => !seen.has(type))).toEqual([])
  })
})
