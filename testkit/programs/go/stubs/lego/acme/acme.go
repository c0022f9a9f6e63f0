// Package acme, like this whole module, stands in for the ACME client that Traefik links. The lab has no certificate
// authority to talk to, and the real module brings the SDKs of some 180 DNS providers. Only the names Traefik's own
// code mentions exist; every operation answers with ErrNoACME.
package acme

import "errors"

// ErrNoACME is the answer of every operation here.
var ErrNoACME = errors.New("this build of Traefik has no ACME client")

type Account struct {
	Status  string   `json:"status,omitempty"`
	Contact []string `json:"contact,omitempty"`
}

type ExtendedAccount struct {
	Account

	Location string `json:"-"`
}
