// Package tlsalpn01 has the protocol name (RFC 8737) Traefik compares with, and a challenge that refuses.
package tlsalpn01

import (
	"time"

	"github.com/go-acme/lego/v5/acme"
)

const ACMETLS1Protocol = "acme-tls/1"

type ChallengeOption func()

func SetDelay(time.Duration) ChallengeOption { return func() {} }

func ChallengeBlocks(string, string) ([]byte, []byte, error) { return nil, nil, acme.ErrNoACME }
