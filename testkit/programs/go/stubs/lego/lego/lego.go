// Package lego has the client Traefik configures; NewClient refuses.
package lego

import (
	"crypto"
	"crypto/x509"
	"net/http"
	"time"

	"github.com/go-acme/lego/v5/acme"
	"github.com/go-acme/lego/v5/certificate"
	"github.com/go-acme/lego/v5/challenge"
	"github.com/go-acme/lego/v5/challenge/dns01"
	"github.com/go-acme/lego/v5/challenge/http01"
	"github.com/go-acme/lego/v5/challenge/tlsalpn01"
	"github.com/go-acme/lego/v5/registration"
)

const DirectoryURLLetsEncrypt = "https://acme.invalid/directory"

type User interface {
	GetEmail() string
	GetRegistration() *acme.ExtendedAccount
	GetPrivateKey() crypto.Signer
}

type CertificateConfig struct{ Timeout time.Duration }

type Config struct {
	CADirURL    string
	UserAgent   string
	HTTPClient  *http.Client
	Certificate CertificateConfig
}

type Challenges struct{}

func (*Challenges) SetDNS01Provider(challenge.Provider, ...dns01.ChallengeOption) error {
	return acme.ErrNoACME
}

func (*Challenges) SetHTTP01Provider(challenge.Provider, ...http01.ChallengeOption) error {
	return acme.ErrNoACME
}

func (*Challenges) SetTLSALPN01Provider(challenge.Provider, ...tlsalpn01.ChallengeOption) error {
	return acme.ErrNoACME
}

type Client struct {
	Certificate  *certificate.Certifier
	Challenge    *Challenges
	Registration *registration.Registrar
}

func NewConfig(User) *Config { return &Config{} }

func NewClient(*Config) (*Client, error) { return nil, acme.ErrNoACME }

func CreateCertPool([]string, bool) (*x509.CertPool, error) { return nil, acme.ErrNoACME }
