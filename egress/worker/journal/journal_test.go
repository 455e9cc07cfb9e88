package journal

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func create(t *testing.T) (*Journal, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cls_a", "run_a")
	j, err := Create(dir, Run{RunID: "run_a", ClassID: "cls_a", EgressID: "EG_a", StartedAt: 5})
	if err != nil {
		t.Fatal(err)
	}
	return j, filepath.Join(dir, FileName)
}

func read(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(string(text), "\n") {
		t.Fatal("the last line is not terminated")
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func TestEveryLineIsOneObjectAndTheFirstNamesTheRun(t *testing.T) {
	j, path := create(t)
	zero, no := 0, false
	j.Init(Init{Variant: "main", File: "main-init-0.mp4", Size: 9, Codecs: "avc1.42c01f,mp4a.40.2", Width: 1280, Height: 720, FrameRate: 30})
	j.Part(Part{Variant: "main", File: "main-0.m4s", Size: 3, Duration: 0.23, Independent: true, PDT: 1763851234567.5, Init: &zero, Discontinuity: &no})
	j.Part(Part{Variant: "main", Part: 1, File: "main-0.m4s", Offset: 3, Size: 3, Duration: 0.23})
	j.Segment(Segment{Variant: "main", File: "main-0.m4s", Size: 6, Duration: 0.46})
	j.Picture(Picture{At: 1763851234567, Main: &Shown{PersonID: "per_a", Source: "screen"}})
	j.End(Stopped)
	want := []string{
		`{"t":"run","v":1,"runId":"run_a","classId":"cls_a","egressId":"EG_a","startedAt":5}`,
		`{"t":"init","variant":"main","init":0,"file":"main-init-0.mp4","size":9,"codecs":"avc1.42c01f,mp4a.40.2","width":1280,"height":720,"frameRate":30}`,
		`{"t":"part","variant":"main","segment":0,"part":0,"file":"main-0.m4s","offset":0,"size":3,"duration":0.23,"independent":true,"pdt":1763851234567.5,"init":0,"discontinuity":false}`,
		`{"t":"part","variant":"main","segment":0,"part":1,"file":"main-0.m4s","offset":3,"size":3,"duration":0.23,"independent":false,"pdt":0}`,
		`{"t":"segment","variant":"main","segment":0,"init":0,"discontinuity":false,"duration":0.46,"size":6,"file":"main-0.m4s","pdt":0}`,
		`{"t":"picture","at":1763851234567,"main":{"personId":"per_a","source":"screen"},"aside":null}`,
		`{"t":"end","reason":"stopped"}`,
	}
	for i, line := range read(t, path) {
		if line != want[i] {
			t.Errorf("line %d is %s", i, line)
		}
	}
}

func TestThereIsOneEndAndNothingAfterIt(t *testing.T) {
	j, path := create(t)
	if err := errors.Join(j.End(Failed), j.End(Stopped)); err != nil {
		t.Fatal(err)
	}
	if err := j.Part(Part{}); !errors.Is(err, ErrEnded) {
		t.Errorf("a part after the end: %v", err)
	}
	lines := read(t, path)
	if len(lines) != 2 || lines[1] != `{"t":"end","reason":"failed"}` {
		t.Errorf("%q", lines)
	}
}

func TestARunIsNeverContinued(t *testing.T) {
	j, path := create(t)
	j.End(Stopped)
	if _, err := Create(filepath.Dir(path), Run{RunID: "run_a"}); !errors.Is(err, os.ErrExist) {
		t.Errorf("got %v", err)
	}
}

// tearing is a file on a disk that is full for one write.
type tearing struct {
	*os.File
	tear int
}

func (f *tearing) Write(line []byte) (int, error) {
	if f.tear == 0 || f.tear >= len(line) {
		return f.File.Write(line)
	}
	n, _ := f.File.Write(line[:f.tear])
	f.tear = 0
	return n, errors.New("no space left on device")
}

func TestATornLineSpoilsOnlyItself(t *testing.T) {
	j, path := create(t)
	file := j.file.(*os.File)
	j.file = &tearing{File: file, tear: 11}
	if err := j.Part(Part{Variant: "main"}); err == nil {
		t.Fatal("the torn write was not reported")
	}
	if err := j.End(Failed); err != nil {
		t.Fatal(err)
	}
	good := 0
	for _, line := range read(t, path) {
		if json.Valid([]byte(line)) {
			good++
		}
	}
	if lines := read(t, path); len(lines) != 3 || good != 2 {
		t.Errorf("%d good lines of %q", good, lines)
	}
}
