import { startTestStack } from '../../support/stack'

/** A supervisor for the test that kills it: prints the ids of its children and stays. */
const stack = await startTestStack({ DATA_DIR: process.argv[2] }, { only: ['redis', 'database'] })
console.log(JSON.stringify(Object.values(stack.children).map((child) => child.pid)))
setInterval(() => {}, 60_000)
