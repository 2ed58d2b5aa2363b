// Command admission judges requests as the API server of one Kubernetes minor
// does with its ValidatingAdmissionPolicies, and compiles such policies as it
// does when they are created. It is the judge that native renderings are held
// against.
//
// One source serves all minors: go-1.NN.mod beside it pins the libraries of
// that minor (`go build -modfile=go-1.NN.mod`); what differs between them is in
// differences.go. Policies are matched and evaluated by the API server's own
// admission plugin, started on a clientset in memory: selectors, match policy,
// variables, parameters, failure policy, cost limits, messages are all its own.
//
// # Protocol
//
// JSON lines in, one JSON line out for each, in order; the output is flushed
// whenever no further input is waiting. What a line is, its keys tell.
//
// A cluster; it replaces the one before. All keys may be left out:
//
//	in:  {"policies": [ValidatingAdmissionPolicy...], "bindings": [ValidatingAdmissionPolicyBinding...],
//	      "params": [object...], "namespaces": [{"name": "a", "labels": {...}, "annotations": {...}}],
//	      "resources": [{"group": "", "version": "v1", "resource": "widgets", "kind": "Widget",
//	                     "namespaced": true, "schema": {OpenAPI v3 schema}}]}
//	out: {"ready": {"policies": 1, "bindings": 1, "namespaces": 1}, "idle": ["..."]}
//
// "resources" tells of custom resources. "idle" names policies without a binding
// and bindings without a policy, which have no effect.
//
// A request, to the cluster given last:
//
//	in:  {"id": any, "request": {AdmissionRequest of admission.k8s.io/v1}, "as_sent": false}
//	out: {"id": any, "allowed": false,
//	      "denials": [{"policy": "p", "binding": "b", "message": "...", "reason": "Invalid", "code": 422}],
//	      "warnings": ["..."], "audit": {"key": "value"}, "errors": ["..."], "unknown": ["..."]}
//
// Each binding is judged by itself, in the order given, so that denials are
// complete and in order; the API server tells but the first it comes upon. Of
// one binding the first failing validation is told, as it does. "errors" names
// whatever went wrong while judging: an expression that failed (though the
// failure policy made a denial, or nothing, of it), a messageExpression whose
// result was not used, a namespace that is not known. Empty "errors" means that
// every verdict is one of the policy's own. "unknown" are fields that decoding
// dropped from the object.
//
// Policies to compile, as new ones:
//
//	in:  {"id": any, "compile": [ValidatingAdmissionPolicy...]}
//	out: {"id": any, "compiled": [{"policy": "p", "errors": [{"field": "spec.variables[0].expression", "text": "..."}],
//	      "warnings": [{"field": "spec.validations[0].expression", "text": "..."}]}]}
//
// "errors" would have the API server refuse the policy; "warnings" are what its
// status.typeChecking would say.
//
//	in:  {"about": true}
//	out: {"about": {"judge": "k8s.io/apiserver v0.36.6", "compatibility": "1.35"}}
//
// Any of them, when it cannot be answered: {"id": any, "error": "..."}.
//
// # What an expression sees
//
// Objects of kinds that Kubernetes knows are decoded into its own types, as the
// API server does, and shown to CEL from there: null is absence, fields unknown
// to the type are gone, and zero values of fields without omitempty (`status`,
// `metadata.creationTimestamp`) are there. With "as_sent" an object is left as
// it was written, the way custom resources are.
//
// # What is left out
//
// Nothing is defaulted in objects, nor set by the server (uid, creation time,
// a generated name). Policies and bindings get the defaults of their own type,
// and namespaces the label kubernetes.io/metadata.name. Objects of Kubernetes'
// own kinds are not converted between API versions, so a request that matches
// only through an equivalent version of such a kind ends in an error; custom
// resources are converted by a change of apiVersion. The authorizer has no
// opinion on anything. Compiling checks expressions only, not the rest of a
// policy, and types are checked against what the Go types say.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"

	"k8s.io/apiserver/pkg/cel/environment"
)

type line struct {
	ID      json.RawMessage   `json:"id"`
	About   bool              `json:"about"`
	Request json.RawMessage   `json:"request"`
	AsSent  bool              `json:"as_sent"`
	Compile []json.RawMessage `json:"compile"`
	setup
}

func main() {
	// Much is allocated and little kept; collecting less often is a fifth faster.
	debug.SetGCPercent(400)
	listenToLog()
	here, err := newCluster(setup{})
	if err == nil {
		err = serve(here)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "admission: %v\n", err)
		os.Exit(1)
	}
}

func serve(here *cluster) error {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		text, ended := in.ReadBytes('\n')
		if len(text) > 1 {
			var answer any
			answer, here = reply(here, text)
			if err := encoder.Encode(answer); err != nil {
				return fmt.Errorf("the answer could not be written: %w", err)
			}
		}
		if ended != nil || in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return fmt.Errorf("the answer could not be written: %w", err)
			}
		}
		if ended != nil {
			return nil
		}
	}
}

// reply answers one line, and tells the cluster that the next one is for.
func reply(here *cluster, text []byte) (any, *cluster) {
	var asked line
	refuse := func(err error) any { return map[string]any{"id": asked.ID, "error": err.Error()} }
	if err := json.Unmarshal(text, &asked); err != nil {
		return refuse(fmt.Errorf("the line is none of those known: %w", err)), here
	}
	switch {
	case asked.About:
		return map[string]any{"about": about()}, here
	case asked.Compile != nil:
		compiled, err := here.compile(asked.Compile)
		if err != nil {
			return refuse(err), here
		}
		return map[string]any{"id": asked.ID, "compiled": compiled}, here
	case asked.Request != nil:
		judged, err := here.judge(asked.Request, asked.AsSent)
		if err != nil {
			return refuse(err), here
		}
		judged.ID = asked.ID
		return judged, here
	default:
		next, err := newCluster(asked.setup)
		if err != nil {
			return refuse(err), here
		}
		here.stop()
		return next.summary(), next
	}
}

func about() map[string]string {
	told := map[string]string{"compatibility": environment.DefaultCompatibilityVersion().String()}
	if built, ok := debug.ReadBuildInfo(); ok {
		for _, module := range built.Deps {
			if module.Path == "k8s.io/apiserver" {
				told["judge"] = module.Path + " " + module.Version
			}
		}
	}
	return told
}
