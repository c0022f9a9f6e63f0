// A handler for the event order:place that needs only Go's standard library. docs/handlers.md describes the requests
// and answers.
package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	window       = 300 * time.Second
	maxBodyBytes = 4 << 20
	// How long the program continues after SIGTERM. Kubernetes needs less time to remove the pod from the Service.
	stopAfter = 5 * time.Second
)

type object = map[string]any

type request struct {
	Event string          `json:"event"`
	User  string          `json:"user"`
	Data  json.RawMessage `json:"data"`
}

func answer(asked request) object {
	if asked.Event != "order:place" {
		return refusal("NOT_KNOWN", "this service knows order:place", 0)
	}
	var data struct {
		Item *string `json:"item"`
	}
	if json.Unmarshal(asked.Data, &data) != nil || data.Item == nil {
		return refusal("INVALID_INPUT", "item must be text", 0)
	}
	if *data.Item == "gin" {
		return refusal("SOLD_OUT", "no more gin", 60)
	}
	order := object{"item": *data.Item, "by": asked.User}
	placed := object{"room": "orders", "event": "order:placed", "data": order}
	return object{"ack": order, "do": []object{{"join": "orders"}, {"publish": placed}}}
}

func refusal(code, message string, retryAfter int) object {
	reason := object{"code": code, "message": message}
	if retryAfter > 0 {
		reason["retryAfter"] = retryAfter
	}
	return object{"error": reason}
}

var stopping atomic.Bool

var signatureForm = regexp.MustCompile(`^t=(\d{1,12}),v1=([\da-f]{64})$`)

func isSigned(secret []byte, header string, body []byte) bool {
	parts := signatureForm.FindStringSubmatch(header)
	if parts == nil {
		return false
	}
	seconds, _ := strconv.ParseInt(parts[1], 10, 64)
	if time.Since(time.Unix(seconds, 0)).Abs() > window {
		return false
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(parts[1] + "."))
	mac.Write(body)
	given, _ := hex.DecodeString(parts[2])
	return hmac.Equal(given, mac.Sum(nil))
}

func main() {
	secret := []byte(os.Getenv("HANDLER_SECRET"))
	if len(secret) < 32 {
		log.Fatal("HANDLER_SECRET must have at least 32 bytes")
	}
	handle := func(response http.ResponseWriter, got *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(response, got.Body, maxBodyBytes))
		if err != nil {
			response.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		if !isSigned(secret, got.Header.Get("X-Realtime-Signature"), body) {
			response.WriteHeader(http.StatusUnauthorized)
			return
		}
		var asked request
		if json.Unmarshal(body, &asked) != nil {
			response.WriteHeader(http.StatusBadRequest)
			return
		}
		if stopping.Load() {
			response.Header().Set("Connection", "close")
		}
		response.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(response).Encode(answer(asked))
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	server := &http.Server{Addr: ":" + port, Handler: http.HandlerFunc(handle), ReadHeaderTimeout: 5 * time.Second}
	go stopOnSignal(server)
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	select {} // stopOnSignal ends the process
}

// stopOnSignal ends the program after a SIGTERM. For some seconds before that, each answer has the header "Connection:
// close".
func stopOnSignal(server *http.Server) {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	<-stop
	// Do not use SetKeepAlivesEnabled(false): it closes idle connections at once, and a request that is on its way would
	// be lost.
	stopping.Store(true)
	time.Sleep(stopAfter)
	_ = server.Shutdown(context.Background())
	os.Exit(0)
}
