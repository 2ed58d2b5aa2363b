package main

import (
	"reflect"
	"unsafe"

	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/cel/environment"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-base/featuregate"
)

// What is not written alike for every minor, and what no minor lets others see.
// It is reached by reflection, so that one source builds against each of them,
// and stays in this file.

// The environment that a server of this minor compiles policies in. Up to 1.34
// it also depends on whether costs of library functions are held to account,
// which is a feature that 1.30 and 1.31 have switched off.
func baseEnvironment() *environment.EnvSet {
	build := reflect.ValueOf(environment.MustBaseEnvSet)
	arguments := []reflect.Value{reflect.ValueOf(environment.DefaultCompatibilityVersion())}
	if build.Type().NumIn() == 2 {
		arguments = append(arguments, reflect.ValueOf(strictCost()))
	}
	return build.Call(arguments)[0].Interface().(*environment.EnvSet)
}

func declarations(params, authorizer bool) plugincel.OptionalVariableDeclarations {
	declared := plugincel.OptionalVariableDeclarations{HasParams: params, HasAuthorizer: authorizer}
	if field := reflect.ValueOf(&declared).Elem().FieldByName("StrictCost"); field.IsValid() {
		field.SetBool(strictCost())
	}
	return declared
}

// To be asked only up to 1.34; later there is no such feature to ask for.
func strictCost() bool {
	return utilfeature.DefaultFeatureGate.Enabled(featuregate.Feature("StrictCostEnforcementForVAP"))
}

// From 1.37 the plugin takes an authorizer under another name.
func setAuthorizer(plugin any, to authorizer.AuthorizerFunc) {
	method := reflect.ValueOf(plugin).MethodByName("SetUnconditionalAuthorizer")
	if !method.IsValid() {
		method = reflect.ValueOf(plugin).MethodByName("SetAuthorizer")
	}
	method.Call([]reflect.Value{reflect.ValueOf(to)})
}

// Where a plugin keeps what it has loaded: policies, compiled, with their
// bindings. The field is the plugin's own; were it to be called otherwise one
// day, this would fail before anything is judged.
func sourceOf(plugin *validating.Plugin) *generic.Source[validating.PolicyHook] {
	field := reflect.ValueOf(plugin.Plugin).Elem().FieldByName("source")
	return (*generic.Source[validating.PolicyHook])(unsafe.Pointer(field.UnsafeAddr()))
}
