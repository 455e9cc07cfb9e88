package room

import (
	"encoding/json"
	"slices"
	"time"
)

// Choice is what is to be seen. Nil: nothing.
type Choice struct {
	Main, Aside *Publication
}

const (
	// Somebody else has to speak this long to be shown: not for a cough or a yes.
	floorAfter = 1200 * time.Millisecond
	// LiveKit tells of speakers several times a second; words have gaps.
	speechGap = 700 * time.Millisecond
	// Whoever was shown for speaking is shown while thinking, too.
	floorHold = 6 * time.Second
)

// chooser chooses the pictures. It remembers who has the floor.
type chooser struct {
	only        Only
	main, aside string // track ids, so that of several one stays

	floor   string // identity; empty: the teacher
	heardAt time.Time
	next    string // who speaks and may get the floor
	since   time.Time
	last    time.Time
}

// choose: the main picture is a screen share, else the pinned person's camera,
// else that of whoever has the floor, else the teacher's. The aside is the
// first of the teacher, the pinned person and the floor who is not main.
// Speakers are identities, the loudest first.
func (c *chooser) choose(all []Publication, pinned string, speakers []string, now time.Time) Choice {
	if c.only.Narrow {
		choice := c.only.choice(all)
		c.main = trackID(choice.Main)
		return choice
	}
	c.listen(all, speakers, now)
	var choice Choice
	visible := func(p Publication) bool { return !p.Muted }
	teacher := c.camera(all, visible, func(p Publication) bool { return p.byTeacher() })
	of := func(identity string) *Publication {
		return c.camera(all, visible, func(p Publication) bool { return identity != "" && p.Identity == identity })
	}
	order := []*Publication{c.share(all, visible), of(pinned), of(c.floor), teacher}
	for _, p := range order {
		if p != nil {
			choice.Main = p
			break
		}
	}
	for _, p := range []*Publication{teacher, of(pinned), of(c.floor)} {
		if p != nil && choice.Main != nil && p.TrackID != choice.Main.TrackID {
			choice.Aside = p
			break
		}
	}
	c.main, c.aside = trackID(choice.Main), trackID(choice.Aside)
	return choice
}

// ready gives the tracks to be subscribed to: what may be shown next, muted or
// not, so that changing over takes one key frame.
func (c *chooser) ready(all []Publication, pinned string) map[string]bool {
	any := func(Publication) bool { return true }
	ready := map[string]bool{}
	for _, id := range []string{c.main, c.aside} {
		if id != "" {
			ready[id] = true
		}
	}
	if c.only.Narrow {
		return ready
	}
	for _, p := range []*Publication{
		c.share(all, any),
		c.camera(all, any, func(p Publication) bool { return p.byTeacher() }),
		c.camera(all, any, func(p Publication) bool { return p.Identity == pinned }),
		c.camera(all, any, func(p Publication) bool { return p.Identity == c.floor }),
		c.camera(all, any, func(p Publication) bool { return p.Identity == c.next }),
	} {
		if p != nil {
			ready[p.TrackID] = true
		}
	}
	return ready
}

// listen gives the floor to who speaks for long enough.
func (c *chooser) listen(all []Publication, speakers []string, now time.Time) {
	seen := func(identity string) bool {
		return slices.ContainsFunc(all, func(p Publication) bool { return p.camera() && !p.Muted && p.Identity == identity })
	}
	if c.floor != "" && (slices.Contains(speakers, c.floor)) {
		c.heardAt = now
	}
	loudest := slices.IndexFunc(speakers, seen)
	if loudest < 0 {
		if now.Sub(c.last) > speechGap {
			c.next = ""
		}
	} else if who := speakers[loudest]; who == c.next {
		c.last = now
	} else if c.next == "" || now.Sub(c.last) > speechGap {
		c.next, c.since, c.last = who, now, now
	}
	switch {
	case c.next != "" && c.next != c.floor && c.last.Sub(c.since) >= floorAfter:
		c.floor, c.heardAt = c.next, now
	case c.floor != "" && now.Sub(c.heardAt) > floorHold:
		c.floor = ""
	}
}

func (c *chooser) share(all []Publication, allowed func(Publication) bool) *Publication {
	return c.best(all, func(p Publication) int {
		switch {
		case !p.screen() || !allowed(p):
			return 0
		case p.byTeacher():
			return 2
		default:
			return 1
		}
	})
}

func (c *chooser) camera(all []Publication, allowed, whose func(Publication) bool) *Publication {
	return c.best(all, func(p Publication) int {
		if p.camera() && allowed(p) && whose(p) {
			return 1
		}
		return 0
	})
}

func (c *chooser) best(all []Publication, rank func(Publication) int) *Publication {
	var chosen *Publication
	for i, p := range all {
		r := rank(p)
		if r == 0 {
			continue
		}
		if chosen == nil || r > rank(*chosen) || r == rank(*chosen) && c.before(p, *chosen) {
			chosen = &all[i]
		}
	}
	return chosen
}

// before: of two of the same rank the present one.
func (c *chooser) before(a, b Publication) bool {
	if x, y := c.present(a), c.present(b); x != y {
		return x
	}
	return a.TrackID < b.TrackID
}

func (c *chooser) present(p Publication) bool { return p.TrackID == c.main || p.TrackID == c.aside }

func trackID(p *Publication) string {
	if p == nil {
		return ""
	}
	return p.TrackID
}

// parsePinned reads the room's metadata: who is pinned, if anybody.
func parsePinned(metadata string) string {
	var parsed struct {
		Pinned string `json:"pinned"`
	}
	if json.Unmarshal([]byte(metadata), &parsed) != nil {
		return ""
	}
	return parsed.Pinned
}
