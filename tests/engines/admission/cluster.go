package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	kjson "sigs.k8s.io/json"
)

type setup struct {
	Policies   []json.RawMessage `json:"policies"`
	Bindings   []json.RawMessage `json:"bindings"`
	Params     []json.RawMessage `json:"params"`
	Namespaces []namespace       `json:"namespaces"`
	Resources  []resource        `json:"resources"`
}

type namespace struct {
	Name        string            `json:"name"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// A cluster is what the last line of that sort described, with its courts sitting.
type cluster struct {
	kinds  *kinds
	courts []*court
	idle   []string
	counts map[string]int
	close  chan struct{}
}

func newCluster(from setup) (*cluster, error) {
	made := &cluster{
		kinds:  newKinds(from.Resources),
		counts: map[string]int{"policies": len(from.Policies), "bindings": len(from.Bindings), "namespaces": len(from.Namespaces)},
		close:  make(chan struct{}),
	}
	around := surroundings{kinds: made.kinds, stopped: made.close}
	for _, one := range from.Namespaces {
		labels := map[string]string{corev1.LabelMetadataName: one.Name}
		for key, value := range one.Labels {
			labels[key] = value
		}
		around.known = append(around.known, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: one.Name, Labels: labels, Annotations: one.Annotations}})
	}
	for _, raw := range from.Params {
		decoded, unknown, err := made.kinds.decode(raw, false)
		if err = errors.Join(append(unknown, err)...); err != nil {
			return nil, fmt.Errorf("a parameter object cannot be used: %w", err)
		}
		if _, custom := decoded.(*unstructured.Unstructured); custom {
			around.custom = append(around.custom, decoded)
		} else {
			around.known = append(around.known, decoded)
		}
	}
	if err := made.open(from, around); err != nil {
		made.stop()
		return nil, err
	}
	return made, nil
}

func (c *cluster) open(from setup, around surroundings) error {
	policies := map[string]*admissionv1.ValidatingAdmissionPolicy{}
	var order []string
	for _, raw := range from.Policies {
		policy, err := readPolicy(raw)
		if err != nil {
			return err
		}
		if policies[policy.Name] != nil {
			return fmt.Errorf("two policies are called %s", policy.Name)
		}
		policies[policy.Name] = policy
		order = append(order, policy.Name)
	}
	bound, seen := map[string]bool{}, map[string]bool{}
	var bindings []*admissionv1.ValidatingAdmissionPolicyBinding
	for _, raw := range from.Bindings {
		binding := &admissionv1.ValidatingAdmissionPolicyBinding{}
		if err := read(raw, binding); err != nil {
			return fmt.Errorf("a binding cannot be read: %w", err)
		}
		if resources := binding.Spec.MatchResources; resources != nil {
			defaultMatch(resources)
		}
		policy := policies[binding.Spec.PolicyName]
		if policy == nil {
			c.idle = append(c.idle, fmt.Sprintf("binding %s: there is no policy %s", binding.Name, binding.Spec.PolicyName))
			continue
		}
		if seen[binding.Name] {
			return fmt.Errorf("two bindings are called %s", binding.Name)
		}
		seen[binding.Name] = true
		bound[policy.Name] = true
		bindings = append(bindings, binding)
	}
	for _, name := range order {
		if !bound[name] {
			c.idle = append(c.idle, fmt.Sprintf("policy %s: no binding names it", name))
		}
	}
	var err error
	if len(bindings) > 0 {
		c.courts, err = newCourts(policies, bindings, around)
	}
	return err
}

func (c *cluster) stop() { close(c.close) }

func (c *cluster) summary() any {
	told := map[string]any{"ready": c.counts}
	if len(c.idle) > 0 {
		told["idle"] = c.idle
	}
	return told
}

// read decodes strictly: a field that the type does not know is an error.
func read(raw []byte, into runtime.Object) error {
	unknown, err := kjson.UnmarshalStrict(raw, into)
	if err = errors.Join(append(unknown, err)...); err != nil {
		return err
	}
	wanted, _, err := scheme.Scheme.ObjectKinds(into)
	if err != nil {
		return err
	}
	if got := into.GetObjectKind().GroupVersionKind(); got != wanted[0] {
		return fmt.Errorf("it is a %s, not a %s", got, wanted[0])
	}
	return nil
}

func readPolicy(raw []byte) (*admissionv1.ValidatingAdmissionPolicy, error) {
	policy := &admissionv1.ValidatingAdmissionPolicy{}
	if err := read(raw, policy); err != nil {
		return nil, fmt.Errorf("a policy cannot be read: %w", err)
	}
	if policy.Spec.FailurePolicy == nil {
		fail := admissionv1.Fail
		policy.Spec.FailurePolicy = &fail
	}
	if policy.Spec.MatchConstraints == nil {
		return nil, fmt.Errorf("policy %s has no matchConstraints", policy.Name)
	}
	defaultMatch(policy.Spec.MatchConstraints)
	return policy, nil
}

// The defaults that the API server writes into these types.
func defaultMatch(resources *admissionv1.MatchResources) {
	if resources.MatchPolicy == nil {
		equivalent := admissionv1.Equivalent
		resources.MatchPolicy = &equivalent
	}
	if resources.NamespaceSelector == nil {
		resources.NamespaceSelector = &metav1.LabelSelector{}
	}
	if resources.ObjectSelector == nil {
		resources.ObjectSelector = &metav1.LabelSelector{}
	}
	for _, rules := range [][]admissionv1.NamedRuleWithOperations{resources.ResourceRules, resources.ExcludeResourceRules} {
		for i := range rules {
			if rules[i].Scope == nil {
				all := admissionv1.AllScopes
				rules[i].Scope = &all
			}
		}
	}
}

func isNull(raw []byte) bool {
	raw = bytes.TrimSpace(raw)
	return len(raw) == 0 || bytes.Equal(raw, []byte("null"))
}
