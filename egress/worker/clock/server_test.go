package clock

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestServerTimeIsTheStoresTime(t *testing.T) {
	ahead, margin := 3*time.Hour, 50*time.Millisecond
	server, err := NewServer(context.Background(), func(context.Context) (time.Time, error) { return time.Now().Add(ahead), nil })
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now()
	told := server.Now().Add(-ahead)
	after := time.Now()
	if told.Before(before.Add(-margin)) || told.After(after.Add(margin)) {
		t.Errorf("%v is not between %v and %v", told, before, after)
	}
}

func TestWithoutAStoreThereIsNoServerTime(t *testing.T) {
	refused := errors.New("refused")
	if _, err := NewServer(context.Background(), func(context.Context) (time.Time, error) { return time.Time{}, refused }); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
}
