// Command pod-security says what Kubernetes' own Pod Security admission thinks
// of Pods: which check, of which policy version, denies what. It is the judge
// that renderings of the Pod Security Standards are held against.
//
// It runs the library that the API server itself links
// (k8s.io/pod-security-admission), through that library's own evaluator, so
// which revision of a check is in force at a version, and which baseline check
// a restricted one replaces, is decided there and not here.
//
// # Protocol
//
// JSON lines in, one JSON line out for each, in order; the output is flushed
// whenever no further input is waiting.
//
//	in:  {"id": any, "pod": {...}, "versions": ["v1.24", "latest"], "levels": ["baseline"]}
//	out: {"id": any, "verdicts": [{"level": "baseline", "version": "v1.24", "allowed": false,
//	      "denied_by": ["hostNamespaces"], "reasons": ["host namespaces (hostNetwork=true)"]}],
//	      "unknown": ["..."]}
//	or:  {"id": any, "error": "..."}
//
// "levels" may be left out: baseline and restricted. "versions" may be left
// out: then all are judged, and a verdict is told at v1.0 and wherever it
// differs from that of the version before, so each holds until the next of its
// level. A version newer than the library is judged as its newest, as the API
// server does. "denied_by" and "reasons" stand in the library's order, one
// reason per id, and are absent where the Pod is allowed.
//
// With the argument `checks` nothing is read; one JSON document tells the
// library's newest version, the versions at which something changes, and each
// check's id, level, and revisions (from which version, replacing which checks).
//
// # How a Pod is read
//
// As the API server decodes JSON: field names are matched by case; a field the
// type does not know is dropped, and told in "unknown" (with field validation
// Strict, the API server refuses such a Pod), as is a key given twice, of which
// the last counts; null is the same as absent; null in a list is an empty
// element; a value of the wrong type is an error.
//
// # What is left out
//
// Nothing is defaulted, no API validation is done. Of the API server's defaults
// two touch fields that checks read: procMount becomes Default, which passes as
// absence does; and with hostNetwork every containerPort becomes a hostPort, so
// that `hostPorts` denies as well what `hostNamespaces` denies already. Exempt
// users, runtime classes and namespaces, namespace labels, and what an update
// may leave alone are the admission plugin's business and not judged here.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	kjson "sigs.k8s.io/json"
)

type question struct {
	ID       json.RawMessage `json:"id"`
	Pod      json.RawMessage `json:"pod"`
	Versions []string        `json:"versions"`
	Levels   []api.Level     `json:"levels"`
}

type answer struct {
	ID       json.RawMessage `json:"id"`
	Verdicts []verdict       `json:"verdicts,omitempty"`
	Unknown  []string        `json:"unknown,omitempty"`
	Error    string          `json:"error,omitempty"`
}

type verdict struct {
	Level    api.Level `json:"level"`
	Version  string    `json:"version"`
	Allowed  bool      `json:"allowed"`
	DeniedBy []string  `json:"denied_by,omitempty"`
	Reasons  []string  `json:"reasons,omitempty"`
}

func main() {
	judge, err := newJudge()
	if err != nil {
		fmt.Fprintf(os.Stderr, "pod-security: the library refuses its own checks: %v\n", err)
		os.Exit(1)
	}
	switch {
	case len(os.Args) == 1:
		err = serve(judge)
	case len(os.Args) == 2 && os.Args[1] == "checks":
		err = json.NewEncoder(os.Stdout).Encode(judge.table())
	default:
		err = fmt.Errorf("usage: pod-security [checks]")
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "pod-security: %v\n", err)
		os.Exit(1)
	}
}

func serve(judge *judge) error {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, ended := in.ReadBytes('\n')
		if len(line) > 1 {
			if err := encoder.Encode(reply(judge, line)); err != nil {
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

func reply(judge *judge, line []byte) answer {
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Error: fmt.Sprintf("the line is no question: %v", err)}
	}
	refuse := func(err error) answer { return answer{ID: asked.ID, Error: err.Error()} }
	if len(asked.Pod) == 0 {
		return refuse(fmt.Errorf("the question has no pod"))
	}
	pod := &corev1.Pod{}
	strict, err := kjson.UnmarshalStrict(asked.Pod, pod)
	if err != nil {
		return refuse(fmt.Errorf("the pod does not decode: %w", err))
	}
	given := answer{ID: asked.ID}
	for _, complaint := range strict {
		given.Unknown = append(given.Unknown, complaint.Error())
	}
	if given.Verdicts, err = judge.judge(pod, asked.Levels, asked.Versions); err != nil {
		return refuse(err)
	}
	return given
}
