package protocol

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const ticksPerSecond = 100 // of /proc, on every Linux that Go runs on

// familyTime is the processor time of this process and its living children.
func familyTime() (time.Duration, error) {
	self := os.Getpid()
	pids := []int{self}
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", self))
	if err != nil {
		return 0, err
	}
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // a thread that has ended
		}
		for _, field := range bytes.Fields(text) {
			if pid, err := strconv.Atoi(string(field)); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	total := time.Duration(0)
	for _, pid := range pids {
		total += processorTime(pid)
	}
	return total, nil
}

// processorTime reads user and system time of a process (proc(5), stat).
func processorTime(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	const user, system = 11, 12
	// The name before may hold spaces.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) <= system {
		return 0
	}
	ticks := 0
	for _, field := range [][]byte{fields[user], fields[system]} {
		n, _ := strconv.Atoi(string(field))
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond
}

// machineTime is the time that all processors together were idle, and all of it
// (proc(5), stat).
func machineTime() (idle, total time.Duration, err error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, err
	}
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	const idleField, waitField, guestField = 4, 5, 9
	for i, field := range bytes.Fields(line) {
		if i == guestField {
			break // guests' time is in the users' already
		}
		ticks, _ := strconv.ParseInt(string(field), 10, 64) // the first one is a name
		spent := time.Duration(ticks) * time.Second / ticksPerSecond
		total += spent
		if i == idleField || i == waitField {
			idle += spent
		}
	}
	return idle, total, nil
}
