package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/kube-openapi/pkg/validation/spec"
	kjson "sigs.k8s.io/json"
)

type resource struct {
	Group      string       `json:"group"`
	Version    string       `json:"version"`
	Resource   string       `json:"resource"`
	Kind       string       `json:"kind"`
	Namespaced bool         `json:"namespaced"`
	Schema     *spec.Schema `json:"schema"`
}

// What kinds there are, by which resources they go, and how they are decoded
// and converted: Kubernetes' own, from its types, and those a cluster adds.
type kinds struct {
	mapper     *meta.DefaultRESTMapper
	interfaces admission.ObjectInterfaces
	lists      map[schema.GroupVersionResource]string
	schemas    schemas
}

func newKinds(custom []resource) *kinds {
	made := &kinds{
		mapper:  meta.NewDefaultRESTMapper(nil),
		lists:   map[schema.GroupVersionResource]string{},
		schemas: schemas{},
	}
	equivalents := runtime.NewEquivalentResourceRegistry()
	for kind := range scheme.Scheme.AllKnownTypes() {
		if kind.Version == runtime.APIVersionInternal || strings.HasSuffix(kind.Kind, "List") || strings.HasSuffix(kind.Kind, "Options") {
			continue
		}
		// The scope of Kubernetes' own kinds matters only for parameters, which
		// are taken to be namespaced, as ConfigMaps are.
		made.mapper.Add(kind, meta.RESTScopeNamespace)
		plural, _ := meta.UnsafeGuessKindToResource(kind)
		equivalents.RegisterKindFor(plural, "", kind)
	}
	for _, one := range custom {
		kind := schema.GroupVersionKind{Group: one.Group, Version: one.Version, Kind: one.Kind}
		plural := schema.GroupVersionResource{Group: one.Group, Version: one.Version, Resource: one.Resource}
		scope := meta.RESTScopeRoot
		if one.Namespaced {
			scope = meta.RESTScopeNamespace
		}
		made.mapper.AddSpecific(kind, plural, plural, scope)
		equivalents.RegisterKindFor(plural, "", kind)
		made.lists[plural] = one.Kind + "List"
		if one.Schema != nil {
			made.schemas[kind] = one.Schema
		}
	}
	made.interfaces = &admission.RuntimeObjectInterfaces{
		ObjectCreater: loose{scheme.Scheme}, ObjectTyper: scheme.Scheme, ObjectDefaulter: scheme.Scheme,
		ObjectConvertor: loose{scheme.Scheme}, EquivalentResourceMapper: equivalents,
	}
	return made
}

// decode gives an object of Kubernetes' own type where there is one, unless it
// is to be left as it was sent, and tells what that type does not know.
func (k *kinds) decode(raw []byte, asSent bool) (runtime.Object, []error, error) {
	var head metav1.TypeMeta
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, nil, err
	}
	kind := head.GroupVersionKind()
	if !asSent && scheme.Scheme.Recognizes(kind) {
		typed, err := scheme.Scheme.New(kind)
		if err != nil {
			return nil, nil, err
		}
		unknown, err := kjson.UnmarshalStrict(raw, typed)
		return typed, unknown, err
	}
	free := &unstructured.Unstructured{}
	return free, nil, free.UnmarshalJSON(raw)
}

// The scheme, and beside it objects without a type, whose conversion from one
// version to another is another apiVersion.
type loose struct{ *runtime.Scheme }

func (l loose) New(kind schema.GroupVersionKind) (runtime.Object, error) {
	if l.Recognizes(kind) {
		return l.Scheme.New(kind)
	}
	free := &unstructured.Unstructured{}
	free.SetGroupVersionKind(kind)
	return free, nil
}

func (l loose) Convert(in, out, context interface{}) error {
	from, free := in.(*unstructured.Unstructured)
	to, toFree := out.(*unstructured.Unstructured)
	switch {
	case free && toFree:
		kind := to.GroupVersionKind()
		to.Object = from.DeepCopy().Object
		to.SetGroupVersionKind(kind)
		return nil
	case free || toFree:
		return fmt.Errorf("%T is not converted to %T", in, out)
	}
	return l.Scheme.Convert(in, out, context)
}
