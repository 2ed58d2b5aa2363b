package main

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// A judge asks the library's evaluator. The evaluator's results do not say
// which check they come from, so each check is wrapped before the evaluator is
// made of them: the wrapper notes the id beside the result. It also keeps the
// result while the same Pod is judged, since most revisions of a check are in
// force at many versions. A judge therefore serves one Pod at a time.
type judge struct {
	checks    []policy.Check
	evaluator policy.Evaluator
	// The versions at which some check begins to apply or changes, ascending.
	turns []api.Version
	// Counts Pods; a kept result of an earlier one is stale.
	pod  uint64
	seen []finding
}

type finding struct {
	check  policy.CheckID
	result policy.CheckResult
	reason string
}

func newJudge() (*judge, error) {
	j := &judge{checks: policy.DefaultChecks()}
	wrapped := policy.DefaultChecks()
	for i := range wrapped {
		id := wrapped[i].ID
		for k := range wrapped[i].Versions {
			revision := &wrapped[i].Versions[k]
			revision.CheckPod = j.noting(id, revision.CheckPod)
			j.turns = append(j.turns, revision.MinimumVersion)
		}
	}
	slices.SortFunc(j.turns, func(a, b api.Version) int { return a.Minor() - b.Minor() })
	j.turns = slices.Compact(j.turns)
	var err error
	j.evaluator, err = policy.NewEvaluator(wrapped, nil)
	return j, err
}

func (j *judge) noting(id policy.CheckID, run policy.CheckPodFn) policy.CheckPodFn {
	kept := finding{check: id}
	var of uint64
	return func(meta *metav1.ObjectMeta, spec *corev1.PodSpec) policy.CheckResult {
		if of != j.pod {
			of = j.pod
			kept.result = run(meta, spec)
			kept.reason = kept.result.ForbiddenReason
			if detail := kept.result.ForbiddenDetail; detail != "" {
				kept.reason = fmt.Sprintf("%s (%s)", kept.reason, detail)
			}
		}
		j.seen = append(j.seen, kept)
		return kept.result
	}
}

// The newest turn at or before a version: what is judged in its place.
func (j *judge) turn(version api.Version) api.Version {
	for i := len(j.turns) - 1; i > 0; i-- {
		if !version.Older(j.turns[i]) {
			return j.turns[i]
		}
	}
	return j.turns[0]
}

func (j *judge) judge(pod *corev1.Pod, levels []api.Level, versions []string) ([]verdict, error) {
	if len(levels) == 0 {
		levels = []api.Level{api.LevelBaseline, api.LevelRestricted}
	}
	everywhere := len(versions) == 0
	if everywhere {
		versions = j.turnNames()
	}
	j.pod++
	verdicts := make([]verdict, 0, len(levels)*len(versions))
	for _, name := range levels {
		level, err := api.ParseLevel(string(name))
		if err != nil {
			return nil, err
		}
		known := map[api.Version]verdict{}
		var before *verdict
		for _, text := range versions {
			version, err := api.ParseVersion(text)
			if err != nil {
				return nil, err
			}
			turn := j.turn(version)
			one, there := known[turn]
			if !there {
				if one, err = j.evaluate(pod, api.LevelVersion{Level: level, Version: turn}); err != nil {
					return nil, err
				}
				known[turn] = one
			}
			one.Version = version.String()
			if everywhere && before != nil && slices.Equal(before.Reasons, one.Reasons) && slices.Equal(before.DeniedBy, one.DeniedBy) {
				continue
			}
			before = &one
			verdicts = append(verdicts, one)
		}
	}
	return verdicts, nil
}

func (j *judge) evaluate(pod *corev1.Pod, at api.LevelVersion) (verdict, error) {
	j.seen = j.seen[:0]
	results := j.evaluator.EvaluatePod(at, &pod.ObjectMeta, &pod.Spec)
	if len(results) != len(j.seen) {
		return verdict{}, fmt.Errorf("the evaluator gave %d results for %d checks run at %s", len(results), len(j.seen), at)
	}
	given := verdict{Level: at.Level, Allowed: policy.AggregateCheckResults(results).Allowed}
	for _, found := range j.seen {
		if found.result.Allowed {
			continue
		}
		given.DeniedBy = append(given.DeniedBy, string(found.check))
		given.Reasons = append(given.Reasons, found.reason)
	}
	return given, nil
}

type table struct {
	Newest string       `json:"newest"`
	Turns  []string     `json:"turns"`
	Checks []tableCheck `json:"checks"`
}

type tableCheck struct {
	ID        policy.CheckID  `json:"id"`
	Level     api.Level       `json:"level"`
	Revisions []tableRevision `json:"revisions"`
}

type tableRevision struct {
	From     string           `json:"from"`
	Replaces []policy.CheckID `json:"replaces,omitempty"`
}

func (j *judge) turnNames() []string {
	var names []string
	for _, turn := range j.turns {
		names = append(names, turn.String())
	}
	return names
}

// What `checks` prints: all that the library tells of its checks, by id.
func (j *judge) table() table {
	told := table{Newest: j.turns[len(j.turns)-1].String(), Turns: j.turnNames()}
	for _, check := range j.checks {
		row := tableCheck{ID: check.ID, Level: check.Level}
		for _, revision := range check.Versions {
			row.Revisions = append(row.Revisions, tableRevision{revision.MinimumVersion.String(), revision.OverrideCheckIDs})
		}
		told.Checks = append(told.Checks, row)
	}
	slices.SortFunc(told.Checks, func(a, b tableCheck) int { return cmp.Compare(a.ID, b.ID) })
	return told
}
