// Package config reads the environment once.
package config

import (
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
)

type Config struct {
	RedisURL         string
	LiveKitURL       string
	LiveKitAPIKey    string
	LiveKitAPISecret string
	BroadcastDir     string
	LogLevel         slog.Level
}

// Parse names the variable, what was given and what is allowed.
func Parse(get func(string) string) (Config, error) {
	c := Config{
		RedisURL: get("REDIS_URL"), LiveKitURL: get("LIVEKIT_URL"),
		LiveKitAPIKey: get("LIVEKIT_API_KEY"), LiveKitAPISecret: get("LIVEKIT_API_SECRET"),
	}
	if err := requireURL("REDIS_URL", c.RedisURL, "redis", "rediss", "unix"); err != nil {
		return c, err
	}
	if err := requireURL("LIVEKIT_URL", c.LiveKitURL, "ws", "wss", "http", "https"); err != nil {
		return c, err
	}
	if c.LiveKitAPIKey == "" || c.LiveKitAPISecret == "" {
		return c, fmt.Errorf("LIVEKIT_API_KEY and LIVEKIT_API_SECRET: both are needed")
	}
	dir := get("BROADCAST_DIR")
	if dir == "" {
		data := get("DATA_DIR")
		if data == "" {
			return c, fmt.Errorf("BROADCAST_DIR: nothing was given; a directory is needed")
		}
		dir = filepath.Join(data, "broadcast")
	}
	var err error
	if c.BroadcastDir, err = filepath.Abs(dir); err != nil {
		return c, fmt.Errorf("BROADCAST_DIR: %q: %w", dir, err)
	}
	c.LogLevel, err = parseLevel(get("LOG_LEVEL"))
	return c, err
}

func requireURL(name, value string, schemes ...string) error {
	parsed, err := url.Parse(value)
	if err == nil {
		for _, scheme := range schemes {
			if parsed.Scheme == scheme {
				return nil
			}
		}
	}
	// The value may hold a password.
	return fmt.Errorf("%s: a URL with one of the schemes %s is needed", name, strings.Join(schemes, ", "))
}

// parseLevel takes the names the rest of the project uses.
func parseLevel(name string) (slog.Level, error) {
	switch strings.ToLower(name) {
	case "", "info":
		return slog.LevelInfo, nil
	case "trace", "debug":
		return slog.LevelDebug, nil
	case "warn", "warning":
		return slog.LevelWarn, nil
	case "error", "fatal", "silent":
		return slog.LevelError, nil
	default:
		return 0, fmt.Errorf("LOG_LEVEL: %q was given; debug, info, warn or error is allowed", name)
	}
}
