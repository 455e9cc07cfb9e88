// Command load keeps thousands of WebSocket connections in one thread and says how long messages take to reach them
// all. It is told what to do by JSON lines on its standard input and answers each with one on its standard output
// (tests/load/load-client.ts). Linux only: it waits with epoll, so that its own work is little beside a server's.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
)

// An order holds the fields of all orders; each takes those it needs.
type order struct {
	Do string `json:"do"`

	// connect: opens connections `From` to `Count`, `AtOnce` of them at any moment.
	Kind     string `json:"kind"`
	Port     int    `json:"port"`
	Path     string `json:"path"`
	AuthFile string `json:"authFile"` // one JSON object a connection, a line each
	From     int    `json:"from"`     // cut: likewise
	Count    int    `json:"count"`
	AtOnce   int    `json:"atOnce"`
	Resume   bool   `json:"resume"` // from the position that the connection was at

	// send: messages from the first `Senders` connections in turn, `PerSecond` until hush, or one at each of `AtMs`.
	Message   string    `json:"message"` // {ID} is a new UUID, {STAMP} the time
	PerSecond float64   `json:"perSecond"`
	AtMs      []float64 `json:"atMs"` // from now on
	Senders   int       `json:"senders"`

	// measure, settle: how long at most.
	Seconds float64 `json:"seconds"`
}

type answer map[string]any

func main() {
	runtime.LockOSThread()
	orders := make(chan order)
	loop, err := newLoop(orders)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go read(orders, loop.wake)
	loop.run()
}

func read(orders chan<- order, wake func()) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var o order
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			fmt.Fprintln(os.Stderr, "not an order:", err)
			os.Exit(1)
		}
		wake()
		orders <- o
	}
	os.Exit(0)
}

func reply(a answer) {
	line, err := json.Marshal(a)
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(append(line, '\n'))
}
