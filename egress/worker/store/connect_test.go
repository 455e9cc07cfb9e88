package store

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

func TestAURLNamesOneServerOrANodeOfACluster(t *testing.T) {
	one, err := Connect("redis://user:p%40ss@127.0.0.1:7000/2")
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	if o := one.(*redis.Client).Options(); o.Addr != "127.0.0.1:7000" || o.Username != "user" || o.Password != "p@ss" || o.DB != 2 {
		t.Errorf("%s", o.Addr)
	}
	many, err := Connect("rediss://:secret@redis.example/?cluster=true")
	if err != nil {
		t.Fatal(err)
	}
	defer many.Close()
	if o := many.(*redis.ClusterClient).Options(); len(o.Addrs) != 1 || o.Addrs[0] != "redis.example:6379" || o.Password != "secret" || o.TLSConfig == nil {
		t.Errorf("%v", o.Addrs)
	}
	plain, err := Connect("redis://127.0.0.1/?cluster=false")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	if _, single := plain.(*redis.Client); !single {
		t.Errorf("%T", plain)
	}
}

func TestAURLThatCannotBeReadIsNotTold(t *testing.T) {
	for _, address := range []string{"redis://:secret@host/?cluster=true&nonsense=1", "http://secret", "redis://host:secret"} {
		if _, err := Connect(address); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
