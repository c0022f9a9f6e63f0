// Package dns01 has the options of a challenge this build does not offer.
package dns01

import (
	"strings"
	"time"
)

type (
	ChallengeOption func()
	Client          struct{}
	Options         struct{ RecursiveNameservers []string }
)

func NewClient(*Options) *Client { return &Client{} }

func SetDefaultClient(*Client) {}

func CondOptions(bool, ...ChallengeOption) ChallengeOption { return func() {} }

func DisableAuthoritativeNssPropagationRequirement() ChallengeOption { return func() {} }

func DisableRecursiveNSsPropagationRequirement() ChallengeOption { return func() {} }

func PropagationWait(time.Duration, bool) ChallengeOption { return func() {} }

// UnFqdn drops the final dot of a fully qualified name.
func UnFqdn(name string) string { return strings.TrimSuffix(name, ".") }
