package config

import (
	"log/slog"
	"strings"
	"testing"
)

func environment(change map[string]string) func(string) string {
	good := map[string]string{
		"REDIS_URL": "redis://:secret@127.0.0.1:6379", "LIVEKIT_URL": "ws://127.0.0.1:7880",
		"LIVEKIT_API_KEY": "key", "LIVEKIT_API_SECRET": "secret", "DATA_DIR": "/data", "LOG_LEVEL": "debug",
	}
	for name, value := range change {
		good[name] = value
	}
	return func(name string) string { return good[name] }
}

func TestTheEnvironmentIsRead(t *testing.T) {
	c, err := Parse(environment(nil))
	if err != nil || c.BroadcastDir != "/data/broadcast" || c.LogLevel != slog.LevelDebug {
		t.Errorf("%+v %v", c, err)
	}
	if c, _ = Parse(environment(map[string]string{"BROADCAST_DIR": "/b"})); c.BroadcastDir != "/b" {
		t.Errorf("%s", c.BroadcastDir)
	}
}

func TestAWrongValueIsNamedAndNoPasswordIsShown(t *testing.T) {
	for name, value := range map[string]string{
		"REDIS_URL": "http://:hidden@x", "LIVEKIT_URL": "hidden", "LIVEKIT_API_KEY": "", "LOG_LEVEL": "loud", "DATA_DIR": "",
	} {
		_, err := Parse(environment(map[string]string{name: value}))
		if err == nil || !strings.Contains(strings.Replace(err.Error(), "BROADCAST_DIR", "DATA_DIR", 1), name) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
