package main

import (
	"encoding/binary"
	"hash/maphash"
	"strconv"
	"strings"
	"sync"
)

// seen is what all connections have had: what bytes a name has, and which
// versions of a playlist there are.
type seen struct {
	tally *tally
	tell  func(name, text string)
	seed  maphash.Seed

	mu       sync.RWMutex
	names    map[string]uint64
	versions map[uint64]*version
}

// version of a playlist. Listed names are relative, of a dozen seconds before
// the edge; the place is what must not go back.
type version struct {
	place  place
	parts  []string
	others []string
}

type place struct{ firstMsn, firstBreak, msn, parts int }

func newSeen(t *tally, tell func(name, text string)) *seen {
	return &seen{tally: t, tell: tell, seed: maphash.MakeSeed(), names: map[string]uint64{}, versions: map[uint64]*version{}}
}

// media remembers the bytes of a name, and that they are whole boxes.
func (s *seen) media(name string, body []byte) {
	now := maphash.Bytes(s.seed, body)
	s.mu.RLock()
	before, known := s.names[name]
	s.mu.RUnlock()
	switch {
	case known && before != now:
		s.tally.fault(&s.tally.Torn, "%s has other bytes than before", name)
	case !known:
		if !isWhole(body) {
			s.tally.fault(&s.tally.Torn, "%s is not whole boxes", name)
		}
		s.mu.Lock()
		s.names[name] = now
		s.mu.Unlock()
	}
}

func (s *seen) playlist(name string, body []byte) *version {
	key := maphash.Bytes(s.seed, body)
	s.mu.RLock()
	known := s.versions[key]
	s.mu.RUnlock()
	if known != nil {
		return known
	}
	text := string(body)
	made := parse(text)
	s.mu.Lock()
	known = s.versions[key]
	if known == nil {
		s.versions[key] = made
	}
	s.mu.Unlock()
	if known != nil {
		return known
	}
	s.tell(name, text)
	return made
}

func (v *version) isBefore(other *version) bool {
	a, b := v.place, other.place
	if a.firstMsn < b.firstMsn || a.firstBreak < b.firstBreak || a.msn < b.msn {
		return true
	}
	return a.msn == b.msn && a.parts < b.parts
}

// parse reads the place of a playlist and its names; a judge of it is elsewhere.
func parse(text string) *version {
	v := &version{}
	gap := false
	for line := range strings.SplitSeq(text, "\n") {
		tag, value, _ := strings.Cut(line, ":")
		switch {
		case tag == "#EXT-X-MEDIA-SEQUENCE":
			v.place.firstMsn, _ = strconv.Atoi(value)
			v.place.msn += v.place.firstMsn
		case tag == "#EXT-X-DISCONTINUITY-SEQUENCE":
			v.place.firstBreak, _ = strconv.Atoi(value)
		case tag == "#EXT-X-SKIP":
			skipped, _, _ := strings.Cut(strings.TrimPrefix(value, "SKIPPED-SEGMENTS="), ",")
			count, _ := strconv.Atoi(skipped)
			v.place.msn += count
		case tag == "#EXT-X-GAP":
			gap = true
		case tag == "#EXT-X-PART":
			v.parts = append(v.parts, uri(value))
			v.place.parts++
		case tag == "#EXT-X-MAP":
			v.others = append(v.others, uri(value))
		case line != "" && line[0] != '#':
			if !gap {
				v.others = append(v.others, line)
			}
			gap = false
			v.place.msn++
			v.place.parts = 0
		}
	}
	return v
}

func uri(attributes string) string {
	_, after, _ := strings.Cut(attributes, `URI="`)
	found, _, _ := strings.Cut(after, `"`)
	return found
}

// isWhole says that these are boxes and nothing more (ISO/IEC 14496-12, 4.2),
// and either an init segment or fragments: each moof with its mdat.
func isWhole(body []byte) bool {
	var kinds []string
	for len(body) > 0 {
		if len(body) < 8 {
			return false
		}
		size := int(binary.BigEndian.Uint32(body))
		if size < 8 || size > len(body) {
			return false
		}
		switch kind := string(body[4:8]); kind {
		case "ftyp", "moov", "moof", "mdat":
			kinds = append(kinds, kind)
		}
		body = body[size:]
	}
	all := strings.Join(kinds, " ")
	return all == "ftyp moov" || (all != "" && strings.Trim(strings.ReplaceAll(all, "moof mdat", ""), " ") == "")
}
