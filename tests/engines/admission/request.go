package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-logr/logr"
	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/warning"
	"k8s.io/klog/v2"
)

type judgement struct {
	ID       json.RawMessage   `json:"id"`
	Allowed  bool              `json:"allowed"`
	Denials  []denial          `json:"denials,omitempty"`
	Warnings []string          `json:"warnings,omitempty"`
	Audit    map[string]string `json:"audit,omitempty"`
	Errors   []string          `json:"errors,omitempty"`
	Unknown  []string          `json:"unknown,omitempty"`
}

type denial struct {
	Policy  string `json:"policy"`
	Binding string `json:"binding"`
	Message string `json:"message"`
	Reason  string `json:"reason"`
	Code    int32  `json:"code"`
}

// audit joins lists of one key, as all bindings together would have filled it.
func (j *judgement) audit(key, value string) {
	if j.Audit == nil {
		j.Audit = map[string]string{}
	}
	var before, more []json.RawMessage
	if json.Unmarshal([]byte(j.Audit[key]), &before) == nil && json.Unmarshal([]byte(value), &more) == nil {
		if joined, err := json.Marshal(append(before, more...)); err == nil {
			value = string(joined)
		}
	}
	j.Audit[key] = value
}

// A request as plugins take it.
type request struct {
	attributes admission.Attributes
	interfaces admission.ObjectInterfaces
}

func (c *cluster) judge(raw []byte, asSent bool) (*judgement, error) {
	var sent admissionv1.AdmissionRequest
	if err := json.Unmarshal(raw, &sent); err != nil {
		return nil, fmt.Errorf("the request cannot be read: %w", err)
	}
	given := &judgement{Allowed: true}
	decode := func(raw []byte) (runtime.Object, error) {
		if isNull(raw) {
			return nil, nil
		}
		decoded, unknown, err := c.kinds.decode(raw, asSent)
		if err != nil {
			return nil, fmt.Errorf("the object does not decode: %w", err)
		}
		for _, complaint := range unknown {
			given.Unknown = append(given.Unknown, complaint.Error())
		}
		return decoded, place(decoded, sent.Namespace)
	}
	object, err := decode(sent.Object.Raw)
	if err != nil {
		return nil, err
	}
	oldObject, err := decode(sent.OldObject.Raw)
	if err != nil {
		return nil, err
	}
	asked := &request{attributes: attributes(&sent, object, oldObject), interfaces: c.kinds.interfaces}
	for _, seat := range c.courts {
		seat.judge(asked, given)
	}
	return given, nil
}

// place puts an object into the namespace of its request, as the server does.
func place(object runtime.Object, namespace string) error {
	held, err := meta.Accessor(object)
	if err != nil || namespace == "" || held.GetNamespace() != "" || object.GetObjectKind().GroupVersionKind().Kind == "Namespace" {
		return nil
	}
	held.SetNamespace(namespace)
	return nil
}

func attributes(sent *admissionv1.AdmissionRequest, object, oldObject runtime.Object) admission.Attributes {
	kind, resource, subresource := sent.Kind, sent.Resource, sent.SubResource
	if sent.RequestKind != nil {
		kind = *sent.RequestKind
	}
	if sent.RequestResource != nil {
		resource, subresource = *sent.RequestResource, sent.RequestSubResource
	}
	name, namespace := sent.Name, sent.Namespace
	for _, one := range []runtime.Object{object, oldObject} {
		if one == nil {
			continue
		}
		if held, err := meta.Accessor(one); err == nil {
			if name == "" {
				name = held.GetName()
			}
			if namespace == "" {
				namespace = held.GetNamespace()
			}
		}
	}
	// A Namespace is in itself, as far as requests go.
	if resource.Group == "" && resource.Resource == "namespaces" {
		namespace = name
	}
	extra := map[string][]string{}
	for key, values := range sent.UserInfo.Extra {
		extra[key] = values
	}
	return admission.NewAttributesRecord(
		object, oldObject, schema.GroupVersionKind(kind), namespace, name,
		schema.GroupVersionResource(resource), subresource, admission.Operation(sent.Operation), options(sent.Operation),
		sent.DryRun != nil && *sent.DryRun,
		&user.DefaultInfo{Name: sent.UserInfo.Username, UID: sent.UserInfo.UID, Groups: sent.UserInfo.Groups, Extra: extra},
	)
}

func options(operation admissionv1.Operation) runtime.Object {
	of := func(kind string) metav1.TypeMeta { return metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: kind} }
	switch operation {
	case admissionv1.Create:
		return &metav1.CreateOptions{TypeMeta: of("CreateOptions")}
	case admissionv1.Update:
		return &metav1.UpdateOptions{TypeMeta: of("UpdateOptions")}
	case admissionv1.Delete:
		return &metav1.DeleteOptions{TypeMeta: of("DeleteOptions")}
	}
	return nil
}

// What a plugin says beside its verdict.
type hearing struct {
	warnings []string
	audit    map[string]string
	logged   []string
}

func (h *hearing) AddWarning(_, text string) { h.warnings = append(h.warnings, text) }

func (r *request) put(to seat, heard *hearing) error {
	listener.now = heard
	defer func() { listener.now = nil }()
	ctx := warning.WithWarningRecorder(klog.NewContext(context.Background(), logr.New(listener)), heard)
	return to.Validate(ctx, annotated{r.attributes, heard}, r.interfaces)
}

type annotated struct {
	admission.Attributes
	heard *hearing
}

func (a annotated) AddAnnotation(key, value string) error {
	if a.heard.audit == nil {
		a.heard.audit = map[string]string{}
	}
	a.heard.audit[key] = value
	return nil
}
