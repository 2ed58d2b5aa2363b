package main

import (
	"encoding/json"
	"fmt"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/cel/environment"
)

type compiled struct {
	Policy   string      `json:"policy"`
	Errors   []complaint `json:"errors,omitempty"`
	Warnings []complaint `json:"warnings,omitempty"`
}

type complaint struct {
	Field string `json:"field"`
	Text  string `json:"text"`
}

func (c *cluster) compile(policies []json.RawMessage) ([]compiled, error) {
	given := make([]compiled, 0, len(policies))
	checker := validating.TypeChecker{SchemaResolver: c.kinds.schemas, RestMapper: c.kinds.mapper}
	for _, raw := range policies {
		policy, err := readPolicy(raw)
		if err != nil {
			return nil, err
		}
		one := compiled{Policy: policy.Name}
		if one.Errors, err = compileErrors(&policy.Spec); err != nil {
			return nil, fmt.Errorf("policy %s: %w", policy.Name, err)
		}
		for _, warned := range checker.Check(policy) {
			one.Warnings = append(one.Warnings, complaint{warned.FieldRef, strings.TrimSpace(warned.Warning)})
		}
		given = append(given, one)
	}
	return given, nil
}

// compileErrors compiles each expression as a server of this minor does when
// the policy is created: in the environment for new expressions, which lacks
// what the server one minor older would not understand. Which expression may
// name what follows the server too: a match condition sees no variables, a
// message no authorizer.
func compileErrors(spec *admissionv1.ValidatingAdmissionPolicySpec) ([]complaint, error) {
	var found []complaint
	with := func(compiler plugincel.Compiler, field string, accessor plugincel.ExpressionAccessor, authorizer bool) {
		result := compiler.CompileCELExpression(accessor, declarations(spec.ParamKind != nil, authorizer), environment.NewExpressions)
		if result.Error != nil {
			found = append(found, complaint{field, result.Error.Error()})
		}
	}
	single := plugincel.NewCompiler(baseEnvironment())
	for i, condition := range spec.MatchConditions {
		with(single, fmt.Sprintf("spec.matchConditions[%d].expression", i),
			&matchconditions.MatchCondition{Name: condition.Name, Expression: strings.TrimSpace(condition.Expression)}, true)
	}
	composed, err := plugincel.NewCompositedCompiler(baseEnvironment())
	if err != nil {
		return nil, err
	}
	for i, variable := range spec.Variables {
		result := composed.CompileAndStoreVariable(&validating.Variable{Name: variable.Name, Expression: variable.Expression},
			declarations(spec.ParamKind != nil, true), environment.NewExpressions)
		if result.Error != nil {
			found = append(found, complaint{fmt.Sprintf("spec.variables[%d].expression", i), result.Error.Error()})
		}
	}
	for i, validation := range spec.Validations {
		field := fmt.Sprintf("spec.validations[%d]", i)
		with(composed, field+".expression", &validating.ValidationCondition{Expression: validation.Expression}, true)
		if validation.MessageExpression != "" {
			with(composed, field+".messageExpression",
				&validating.MessageExpressionCondition{MessageExpression: validation.MessageExpression}, false)
		}
	}
	for i, annotation := range spec.AuditAnnotations {
		with(composed, fmt.Sprintf("spec.auditAnnotations[%d].valueExpression", i),
			&validating.AuditAnnotationCondition{Key: annotation.Key, ValueExpression: strings.TrimSpace(annotation.ValueExpression)}, true)
	}
	return found, nil
}
