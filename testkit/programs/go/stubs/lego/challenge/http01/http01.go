// Package http01 has the path and the options of a challenge this build does not offer.
package http01

import "time"

const PathPrefix = "/.well-known/acme-challenge/"

type ChallengeOption func()

func SetDelay(time.Duration) ChallengeOption { return func() {} }
