package transcode

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

// ticksPerSecond of /proc is 100 on every Linux that Go runs on.
const ticksPerSecond = 100

var usage = struct {
	sync.Mutex
	living map[int]struct{}
	past   time.Duration
}{living: map[int]struct{}{}}

func enter(pid int) {
	usage.Lock()
	defer usage.Unlock()
	usage.living[pid] = struct{}{}
}

func leave(pid int, state *os.ProcessState) {
	usage.Lock()
	defer usage.Unlock()
	delete(usage.living, pid)
	if state != nil {
		usage.past += state.UserTime() + state.SystemTime()
	}
}

// Usage is how many children there are, and the processor time that all of this
// process's have taken.
func Usage() (children int, spent time.Duration) {
	usage.Lock()
	defer usage.Unlock()
	spent = usage.past
	for pid := range usage.living {
		spent += processorTime(pid)
	}
	return len(usage.living), spent
}

// processorTime reads user and system time of a process (proc(5), stat).
func processorTime(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The name before may hold spaces.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	const user, system = 11, 12
	if len(fields) <= system {
		return 0
	}
	total := 0
	for _, field := range [][]byte{fields[user], fields[system]} {
		n, _ := strconv.Atoi(string(field))
		total += n
	}
	return time.Duration(total) * time.Second / ticksPerSecond
}
