package run

import (
	"log/slog"
	"slices"
	"time"
)

// latency gathers how long after its last picture a part was on disk.
type latency struct {
	parts int
	seen  []time.Duration
}

func (l *latency) note(parts int, late time.Duration) {
	if parts == l.parts {
		return
	}
	l.parts = parts
	l.seen = append(l.seen, late)
}

func (l *latency) report(log *slog.Logger, lag time.Duration) {
	if len(l.seen) == 0 {
		log.Info("no part written")
		return
	}
	slices.Sort(l.seen)
	at := func(share float64) int64 {
		return l.seen[int(share*float64(len(l.seen)-1))].Milliseconds()
	}
	log.Info("parts", "written", l.parts, "lateMsP50", at(0.5), "lateMsP95", at(0.95), "lateMsMax", at(1), "mixLagMs", lag.Milliseconds())
	l.seen = l.seen[:0]
}
