package clock

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestServerTimeIsTheStoresTime(t *testing.T) {
	ahead := 3 * time.Hour
	server, err := NewServer(context.Background(), func(context.Context) (time.Time, error) { return time.Now().Add(ahead), nil })
	if err != nil {
		t.Fatal(err)
	}
	if off := absolute(time.Until(server.Now()) - ahead); off > 50*time.Millisecond {
		t.Errorf("off by %v", off)
	}
}

func TestWithoutAStoreThereIsNoServerTime(t *testing.T) {
	refused := errors.New("refused")
	if _, err := NewServer(context.Background(), func(context.Context) (time.Time, error) { return time.Time{}, refused }); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
}
