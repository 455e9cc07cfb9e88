// Command holder sends one request on each of many connections and tells when
// the answers came: what a part means to thousands who wait for it.
//
// holder ADDRESS FILE: FILE has a path a line. It prints "ready" when all are
// sent, and when all are answered the moments (Unix time, us), statuses and
// sizes as one line of JSON.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// As many openings at any moment as the queue of a listening socket holds.
const atOnce = 400

type result struct {
	AtMicros []int64     `json:"atMicros"`
	Statuses map[int]int `json:"statuses"`
	Bytes    int64       `json:"bytes"`
	Failed   int         `json:"failed"`
}

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(address, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	paths := strings.Fields(string(text))
	found := result{Statuses: map[int]int{}}
	var mu sync.Mutex
	var sent, done sync.WaitGroup
	sent.Add(len(paths))
	done.Add(len(paths))
	opening := make(chan struct{}, atOnce)
	for _, path := range paths {
		go func() {
			defer done.Done()
			opening <- struct{}{}
			conn, err := net.Dial("tcp", address)
			if err == nil {
				defer conn.Close()
				_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: origin\r\nAccept-Encoding: identity\r\n\r\n", path)
			}
			<-opening
			sent.Done()
			var status int
			var size int64
			if err == nil {
				status, size, err = read(conn)
			}
			at := time.Now().UnixMicro()
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				found.Failed++
				return
			}
			found.AtMicros = append(found.AtMicros, at)
			found.Statuses[status]++
			found.Bytes += size
		}()
	}
	sent.Wait()
	fmt.Println("ready")
	done.Wait()
	return json.NewEncoder(os.Stdout).Encode(found)
}

func read(conn net.Conn) (int, int64, error) {
	// The playlist and its head fit; 16 kB for each of thousands is what the reader's own buffer takes.
	answer, err := http.ReadResponse(bufio.NewReaderSize(conn, 16<<10), nil)
	if err != nil {
		return 0, 0, err
	}
	size, err := io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, size, err
}
