// Package ext stands in for a module nested in Traefik's repository that its own archive leaves out.
package ext

type HTTP struct{}

type Router struct{}

type RouterIng struct{}

func (RouterIng) ToRouter() Router { return Router{} }
