import { startTestStack } from '../support/stack'

/** The tests' workers get AMPHI_URL, AMPHI_DATA_DIR and ADMIN_API_KEY in their environment. */
export default async function startSharedStack(): Promise<() => Promise<void>> {
  const stack = await startTestStack()
  process.env.AMPHI_URL = stack.url
  process.env.AMPHI_DATA_DIR = stack.config.dataDir
  process.env.ADMIN_API_KEY = stack.config.adminApiKey
  return stack.stop
}
