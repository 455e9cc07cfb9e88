import type { Config, Environment } from '../../server/config'
import type { ChildSpec } from './child'
import type { Ports } from './port-choice'
import type { Secrets } from './secrets'

/** What every part of a stack is made from. `env` is complete: the same for all children. */
export type Plan = { config: Config; env: Environment; ports: Ports; secrets: Secrets; dev: boolean }

/** A process of the stack, before the stack adds its log, its directory and its leash. */
export type Part = Pick<ChildSpec, 'name' | 'command' | 'args' | 'env' | 'isReady' | 'insist'>
