import type { Operation } from './operation'
import { classOperations } from './operations/classes'
import type { OperationDeps } from './operations/deps'
import { joinOperations } from './operations/join'
import { peopleOperations } from './operations/people'
import { recordingOperations } from './operations/recording'
import { recordOperations } from './operations/records'
import { requestOperations } from './operations/requests'

/** Every call of the API. */
export function createOperations(deps: OperationDeps): Operation[] {
  return [
    ...classOperations(deps),
    ...peopleOperations(deps),
    ...joinOperations(deps),
    ...requestOperations(deps),
    ...recordOperations(deps),
    ...recordingOperations(deps),
  ]
}
