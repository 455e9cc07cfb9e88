package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func writeRun(t *testing.T, dir string, run Run, parts int) {
	t.Helper()
	j, err := Create(dir, run)
	if err != nil {
		t.Fatal(err)
	}
	for i := range parts {
		at := float64(run.StartedAt) + 500 + float64(i)*200
		if err := j.Part(Part{Variant: "main", Part: i, Duration: 0.2, PDT: at}); err != nil {
			t.Fatal(err)
		}
		if err := j.Part(Part{Variant: "aside", Part: i, Duration: 0.2, PDT: at - 50}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.End(Stopped); err != nil {
		t.Fatal(err)
	}
}

// The first run starts at 100 s and has sound and pictures until 111.5 s.
func TestMediaTimeGoesOnFromRunToRun(t *testing.T) {
	const first, end = 100_000, 100_000 + 500 + 55*200
	for _, test := range []struct {
		name      string
		startedAt int64
		want      int64
	}{
		{"in step with one that goes on", end + 400, end + 400 - first},
		{"in step with server time after a death", end + 2001, end + 2001 - first},
		{"without the pause that a class makes", end + 600_000, end + 1 - first + breakMaxMs},
	} {
		class := t.TempDir()
		writeRun(t, filepath.Join(class, "run_a"), Run{RunID: "run_a", StartedAt: first}, 55)
		if got := LeadMs(class, test.startedAt); got != test.want {
			t.Errorf("%s: %d, not %d", test.name, got, test.want)
		}
		writeRun(t, filepath.Join(class, "run_b"), Run{RunID: "run_b", StartedAt: test.startedAt, Lead: test.want}, 10)
		if got, want := LeadMs(class, test.startedAt+3000), test.want+3000; got != want {
			t.Errorf("%s: a third run has %d, not %d", test.name, got, want)
		}
	}
}

func TestWhatCannotBeReadGivesNoLead(t *testing.T) {
	class := t.TempDir()
	if got := LeadMs(filepath.Join(class, "none"), 1000); got != 0 {
		t.Errorf("no directory: %d", got)
	}
	writeRun(t, filepath.Join(class, "silent"), Run{RunID: "silent", StartedAt: 1}, 0)
	for name, text := range map[string]string{
		"empty": "", "torn": `{"t":"run","startedAt":`, "garbage": strings.Repeat("x", 100) + "\n",
		"foreign": fmt.Sprintln(`[1]`),
	} {
		dir := filepath.Join(class, name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := LeadMs(class, 1000); got != 0 {
		t.Errorf("%d", got)
	}
}
