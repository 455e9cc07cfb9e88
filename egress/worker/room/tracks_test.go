package room

import (
	"testing"

	lksdk "github.com/livekit/server-sdk-go/v2"
)

// speaker is one session of a person.
type speaker struct {
	lksdk.Participant
	sid, identity string
}

func (s speaker) SID() string { return s.sid }

func (s speaker) Identity() string { return s.identity }

func TestWhoLeftWhileSpeakingAndCameBackDoesNotHoldTheFloor(t *testing.T) {
	room := &talk{all: []Publication{camera("t", byTeacher), camera("s", byStudent)}, now: start}
	before, after := speaker{sid: "PA_1", identity: "per_s"}, speaker{sid: "PA_2", identity: "per_s"}
	says := func(who speaker, present string) []string {
		return speaking([]lksdk.Participant{who}, map[string]bool{"PA_t": true, present: true})
	}
	for i, step := range []struct {
		halfSeconds int
		speakers    []string
		want        string
	}{
		{4, says(before, "PA_1"), "s"},
		{20, says(before, "PA_2"), "t"}, // the SDK still has the old session
		{4, says(after, "PA_2"), "s"},
	} {
		if got := room.goOn(step.halfSeconds, step.speakers...); got != step.want {
			t.Errorf("step %d shows %q", i, got)
		}
	}
}
