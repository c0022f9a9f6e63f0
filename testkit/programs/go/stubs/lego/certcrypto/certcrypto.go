// Package certcrypto names the key types a certificate may have.
package certcrypto

type KeyType string

const (
	EC256   KeyType = "P256"
	EC384   KeyType = "P384"
	RSA2048 KeyType = "2048"
	RSA3072 KeyType = "3072"
	RSA4096 KeyType = "4096"
	RSA8192 KeyType = "8192"
)
