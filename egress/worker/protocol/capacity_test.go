package protocol

import (
	"fmt"
	"testing"
	"time"
)

// machine is a capacity of which the use is given.
func machine(cores float64) (*Capacity, func(used float64, seconds int)) {
	spent, now := time.Duration(0), time.UnixMilli(0)
	c := NewCapacity()
	c.cores, c.now = cores, func() time.Time { return now }
	c.spent = func() (time.Duration, error) { return spent, nil }
	c.idle = func() (time.Duration, time.Duration, error) { return 0, 0, nil }
	c.sample(now)
	return c, func(used float64, seconds int) {
		for range seconds / 2 {
			spent += time.Duration(used * float64(sampleEvery))
			now = now.Add(sampleEvery)
			c.sample(now)
		}
	}
}

func TestAWorkerBidsByWhatItUsesAndRefusesBeforeItStarves(t *testing.T) {
	c, pass := machine(2)
	pass(0.06, 20)
	if c.Full() || c.Bid() != 1 {
		t.Errorf("one class: full %v, bid %f", c.Full(), c.Bid())
	}
	pass(1.0, 60)
	half := c.Bid()
	if c.Full() || half >= 1 {
		t.Errorf("half used: full %v, bid %f", c.Full(), half)
	}
	pass(1.45, 60)
	if c.Full() || c.Bid() >= half {
		t.Errorf("three quarters used: full %v, bid %f", c.Full(), c.Bid())
	}
	pass(1.7, 60)
	if !c.Full() {
		t.Error("1.7 of 2 cores used, and not full")
	}
	pass(0.3, 60)
	if c.Full() {
		t.Error("still full when there is room again")
	}
}

func TestClassesThatBeginAtOnceAreCountedBeforeTheyCost(t *testing.T) {
	c, pass := machine(2)
	pass(0, 10)
	taken := 0
	for !c.Full() {
		c.Begin(fmt.Sprint(taken))
		taken++
	}
	if taken != 16 {
		t.Errorf("%d classes at once on two cores", taken)
	}
	pass(16*0.03, 10)
	if c.Full() {
		t.Error("full, although the sixteen cost half a core")
	}
}

func TestClassesThatEndAtOnceAreNotCounted(t *testing.T) {
	c, pass := machine(2)
	pass(0, 10)
	for n := range 1000 {
		c.Begin(fmt.Sprint(n))
		c.End(fmt.Sprint(n))
	}
	if c.Full() || len(c.begun) > 0 {
		t.Errorf("%d classes are counted", len(c.begun))
	}
}

func TestTheTimeOfThisProcessCanBeRead(t *testing.T) {
	before, err := familyTime()
	if err != nil {
		t.Fatal(err)
	}
	// The clock of /proc ticks every 10 ms; how soon they pass is the machine's.
	after := before
	for end := time.Now().Add(10 * time.Second); after <= before && time.Now().Before(end); {
		after, _ = familyTime()
	}
	if after <= before {
		t.Errorf("%v after %v", after, before)
	}
}

func TestAWorkerStandsBackWhereOthersHaveFilledTheMachine(t *testing.T) {
	c, pass := machine(2)
	idle, total := time.Duration(0), time.Duration(0)
	left := 0.9
	c.idle = func() (time.Duration, time.Duration, error) {
		total += 2 * sampleEvery
		idle += time.Duration(left * 2 * float64(sampleEvery))
		return idle, total, nil
	}
	pass(0.1, 60)
	if c.Bid() != 1 {
		t.Errorf("an easy machine: %f", c.Bid())
	}
	left = 0.02
	pass(0.1, 60)
	if bid := c.Bid(); c.Full() || bid > crowdedBid || bid <= besideBid {
		t.Errorf("a crowded one: full %v, bid %f", c.Full(), bid)
	}
	left = 0.5
	pass(0.1, 60)
	if c.Bid() != 1 {
		t.Errorf("an easy one again: %f", c.Bid())
	}
}

func TestTheTimeOfTheMachineCanBeRead(t *testing.T) {
	idle, total, err := machineTime()
	if err != nil || idle <= 0 || total <= idle {
		t.Errorf("%v of %v: %v", idle, total, err)
	}
}
