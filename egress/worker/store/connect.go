// Package store is the Redis that livekit-server, the other processes and this
// worker share: psrpc goes over it, and its time is everybody's.
package store

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrURL says nothing of the URL: it may hold a password.
var ErrURL = errors.New("it cannot be read")

// clockKey chooses the node whose time counts. Every process asks by the same
// key, because the nodes of a cluster have clocks of their own.
const clockKey = "amphi:clock"

var askTime = redis.NewScript("return redis.call('TIME')")

// Connect to one server, or with ?cluster=true to a Redis Cluster of which the
// URL names any node. It connects when it is used.
func Connect(address string) (redis.UniversalClient, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, ErrURL
	}
	query := parsed.Query()
	cluster := query.Get("cluster") == "true"
	query.Del("cluster")
	parsed.RawQuery = query.Encode()
	if cluster {
		parsed.Path = "" // a cluster has one database
	}
	options, err := redis.ParseURL(parsed.String())
	if err != nil {
		return nil, ErrURL
	}
	if !cluster {
		return redis.NewClient(options), nil
	}
	return redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: []string{options.Addr}, Username: options.Username, Password: options.Password, TLSConfig: options.TLSConfig,
	}), nil
}

// Time of the store.
func Time(ctx context.Context, client redis.UniversalClient) (time.Time, error) {
	answer, err := askTime.Run(ctx, client, []string{clockKey}).Int64Slice()
	if err != nil || len(answer) != 2 {
		return time.Time{}, errors.Join(err, errors.New("store: no time"))
	}
	return time.Unix(answer[0], answer[1]*int64(time.Microsecond)), nil
}
