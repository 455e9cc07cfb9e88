import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { answerQuestions } from '../questions'

/** Stock Socket.IO 4 with its own defaults: everybody is in one room, and what anybody says goes to all. */
const httpServer = createServer()
const io = new Server(httpServer)
io.on('connection', (socket) => {
  socket.join('class')
  socket.on('say', (fact: unknown) => io.to('class').emit('facts', fact))
})
httpServer.listen(0, '127.0.0.1')
await once(httpServer, 'listening')
answerQuestions({ port: (httpServer.address() as AddressInfo).port })
