package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/cel/openapi/resolver"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// The schemas that types are checked against. Kubernetes generates those of its
// own kinds from its Go types, into a module too large to build here; so they
// are read off the same types, by the same rules, as far as CEL's types depend
// on them. Beside them stand the schemas of custom resources, as given.
type schemas map[schema.GroupVersionKind]*spec.Schema

func (s schemas) ResolveSchema(kind schema.GroupVersionKind) (*spec.Schema, error) {
	if given := s[kind]; given != nil {
		return given, nil
	}
	of, known := scheme.Scheme.AllKnownTypes()[kind]
	if !known {
		return nil, fmt.Errorf("there is no schema of %v: %w", kind, resolver.ErrSchemaNotFound)
	}
	return describe(of, nil), nil
}

// A type that says itself how it is written in JSON.
type schemaType interface {
	OpenAPISchemaType() []string
	OpenAPISchemaFormat() string
}

type schemaOneOf interface {
	OpenAPIV3OneOfTypes() []string
	OpenAPISchemaFormat() string
}

func describe(of reflect.Type, within []reflect.Type) *spec.Schema {
	made := &spec.Schema{}
	if of.Kind() == reflect.Pointer {
		return describe(of.Elem(), within)
	}
	switch itself := reflect.New(of).Elem().Interface().(type) {
	case schemaOneOf:
		made.OneOf = common.GenerateOpenAPIV3OneOfSchema(itself.OpenAPIV3OneOfTypes())
		made.Format = itself.OpenAPISchemaFormat()
		return made
	case schemaType:
		made.Type, made.Format = itself.OpenAPISchemaType(), itself.OpenAPISchemaFormat()
		return made
	}
	switch of.Kind() {
	case reflect.String:
		return made.Typed("string", "")
	case reflect.Bool:
		return made.Typed("boolean", "")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return made.Typed("integer", "")
	case reflect.Float32, reflect.Float64:
		return made.Typed("number", "double")
	case reflect.Slice, reflect.Array:
		if of.Elem().Kind() == reflect.Uint8 {
			return made.Typed("string", "byte")
		}
		made.Type = spec.StringOrArray{"array"}
		made.Items = &spec.SchemaOrArray{Schema: describe(of.Elem(), within)}
	case reflect.Map:
		made.Type = spec.StringOrArray{"object"}
		made.AdditionalProperties = &spec.SchemaOrBool{Allows: true, Schema: describe(of.Elem(), within)}
	case reflect.Struct:
		made.Type = spec.StringOrArray{"object"}
		// A type within itself ends there.
		if !slices.Contains(within, of) {
			made.Properties = map[string]spec.Schema{}
			fields(of, append(slices.Clone(within), of), made.Properties)
		}
	}
	return made
}

func fields(of reflect.Type, within []reflect.Type, into map[string]spec.Schema) {
	for i := range of.NumField() {
		field := of.Field(i)
		name, how, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" || !field.IsExported():
		case name == "" && (field.Anonymous || strings.Contains(how, "inline")):
			inner := field.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			fields(inner, within, into)
		case name != "":
			into[name] = *describe(field.Type, within)
		}
	}
}
