package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
)

// A messageExpression that fails, or whose result is not to be used, is told
// nowhere but in the server's log: the static message stands in for it. So the
// log is listened to while a request is judged.
type ear struct {
	sync.Mutex
	now *hearing
}

var listener = &ear{}

func listenToLog() {
	flags := flag.NewFlagSet("log", flag.ContinueOnError)
	klog.InitFlags(flags)
	if err := flags.Set("v", "2"); err != nil {
		fmt.Fprintf(os.Stderr, "admission: the log keeps its level: %v\n", err)
	}
	klog.SetLogger(logr.New(listener))
}

func (e *ear) Init(logr.RuntimeInfo)                  {}
func (e *ear) Enabled(int) bool                       { return true }
func (e *ear) WithValues(...any) logr.LogSink         { return e }
func (e *ear) WithName(string) logr.LogSink           { return e }
func (e *ear) Error(err error, text string, _ ...any) { e.hear(fmt.Sprintf("%s: %v", text, err)) }

func (e *ear) Info(_ int, text string, _ ...any) {
	if strings.Contains(text, "message denied") {
		e.hear("the result of a messageExpression was not used: " + text)
	}
}

func (e *ear) hear(text string) {
	e.Lock()
	defer e.Unlock()
	if e.now != nil {
		e.now.logged = append(e.now.logged, text)
		return
	}
	fmt.Fprintf(os.Stderr, "admission: %s\n", text)
}
