package room

import (
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
)

// LiveKit refreshes the token of a connected participant; this has to last for
// connecting and reconnecting only.
const tokenValidity = time.Hour

// Token of a recorder: hidden, takes no seat, may listen and nothing else.
func Token(key, secret, roomName, identity string) (string, error) {
	yes, no := true, false
	grant := &auth.VideoGrant{
		RoomJoin: true, Room: roomName, RoomRecord: true, Recorder: true, Hidden: true,
		CanSubscribe: &yes, CanPublish: &no, CanPublishData: &no,
	}
	return auth.NewAccessToken(key, secret).
		SetVideoGrant(grant).
		SetIdentity(identity).
		SetKind(livekit.ParticipantInfo_EGRESS).
		SetValidFor(tokenValidity).
		ToJWT()
}
