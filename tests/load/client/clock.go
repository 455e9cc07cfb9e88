package main

import (
	"syscall"
	"time"
	"unsafe"
)

const clockMonotonic = 1

var (
	began      = time.Now()
	beganNanos = readMonotonic()
)

func readMonotonic() int64 {
	var ts syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano()
}

// nowMicros is CLOCK_MONOTONIC, which all processes of a machine read alike: a server may stamp messages too.
func nowMicros() int64 {
	return (beganNanos + int64(time.Since(began))) / 1000
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}
