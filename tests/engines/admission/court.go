package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/initializer"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
)

// A court judges by one binding of one policy. Its three plugins differ in what
// becomes of an expression that fails: the verdict is that of the policy as it
// is written; the other two deny by it, one where an expression fails and one
// not, so that where they disagree an expression has failed.
type court struct {
	policy, binding             string
	ignores                     bool
	written, failing, forgiving admission.ValidationInterface
}

// Never persisted, hence kept from policies by the API server itself.
var excluded = []schema.GroupResource{
	{Group: "authentication.k8s.io", Resource: "selfsubjectreviews"},
	{Group: "authentication.k8s.io", Resource: "tokenreviews"},
	{Group: "authorization.k8s.io", Resource: "localsubjectaccessreviews"},
	{Group: "authorization.k8s.io", Resource: "selfsubjectaccessreviews"},
	{Group: "authorization.k8s.io", Resource: "selfsubjectrulesreviews"},
	{Group: "authorization.k8s.io", Resource: "subjectaccessreviews"},
}

// newCourt starts the plugins; they are ready some moments later (see wait).
func newCourt(policy *admissionv1.ValidatingAdmissionPolicy, binding *admissionv1.ValidatingAdmissionPolicyBinding, around surroundings) (*court, error) {
	made := &court{policy: policy.Name, binding: binding.Name, ignores: *policy.Spec.FailurePolicy == admissionv1.Ignore}
	var err error
	if made.written, err = around.start(policy, binding); err != nil {
		return nil, err
	}
	denying := binding.DeepCopy()
	denying.Spec.ValidationActions = []admissionv1.ValidationAction{admissionv1.Deny}
	probe := func(on admissionv1.FailurePolicyType) (admission.ValidationInterface, error) {
		changed := policy.DeepCopy()
		changed.Spec.FailurePolicy = &on
		return around.start(changed, denying)
	}
	if made.failing, err = probe(admissionv1.Fail); err != nil {
		return nil, err
	}
	made.forgiving, err = probe(admissionv1.Ignore)
	return made, err
}

// What a plugin finds beside its policy and binding.
type surroundings struct {
	kinds   *kinds
	known   []runtime.Object
	custom  []runtime.Object
	stopped <-chan struct{}
}

func (s surroundings) start(policy *admissionv1.ValidatingAdmissionPolicy, binding *admissionv1.ValidatingAdmissionPolicyBinding) (admission.ValidationInterface, error) {
	client := fake.NewSimpleClientset(append([]runtime.Object{policy, binding}, s.known...)...)
	factory := informers.NewSharedInformerFactory(client, 0)
	plugins := admission.NewPlugins()
	validating.Register(plugins)
	started, err := plugins.InitPlugin(validating.PluginName, nil, initialize(func(plugin *validating.Plugin) {
		plugin.SetExternalKubeClientSet(client)
		plugin.SetExternalKubeInformerFactory(factory)
		plugin.SetDynamicClient(dynamicfake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), s.kinds.lists, s.custom...))
		plugin.SetRESTMapper(s.kinds.mapper)
		plugin.SetDrainedNotification(s.stopped)
		plugin.SetExcludedAdmissionResources(excluded)
		setAuthorizer(plugin, func(context.Context, authorizer.Attributes) (authorizer.Decision, string, error) {
			return authorizer.DecisionNoOpinion, "", nil
		})
		if gated, is := any(plugin).(initializer.WantsFeatures); is {
			gated.InspectFeatureGates(utilfeature.DefaultFeatureGate)
		}
	}))
	if err != nil {
		return nil, fmt.Errorf("the plugin for policy %s and binding %s did not start: %w", policy.Name, binding.Name, err)
	}
	factory.Start(s.stopped)
	return started.(*validating.Plugin), nil
}

type initialize func(*validating.Plugin)

func (f initialize) Initialize(plugin admission.Interface) { f(plugin.(*validating.Plugin)) }

func (c *court) wait() error {
	for _, plugin := range []admission.ValidationInterface{c.written, c.failing, c.forgiving} {
		if !plugin.(*validating.Plugin).WaitForReady() {
			return fmt.Errorf("policy %s with binding %s was not loaded in time", c.policy, c.binding)
		}
	}
	return nil
}

// judge adds this court's verdict to the judgement.
func (c *court) judge(asked *request, to *judgement) {
	heard := &hearing{}
	err := asked.put(c.written, heard)
	to.Warnings = append(to.Warnings, heard.warnings...)
	for key, value := range heard.audit {
		to.audit(key, value)
	}
	to.Errors = append(to.Errors, heard.logged...)
	if err != nil {
		to.Allowed = false
		if given := c.denial(err); given != nil {
			to.Denials = append(to.Denials, *given)
		} else {
			to.Errors = append(to.Errors, fmt.Sprintf("policy %s with binding %s: %v", c.policy, c.binding, err))
			return
		}
	}
	if err == nil && len(heard.warnings) == 0 && len(heard.audit) == 0 && !c.ignores {
		return
	}
	failing := err
	if failing == nil {
		failing = asked.put(c.failing, &hearing{})
	}
	if forgiving := asked.put(c.forgiving, &hearing{}); text(failing) != text(forgiving) {
		to.Errors = append(to.Errors, fmt.Sprintf("policy %s with binding %s: %s", c.policy, c.binding, c.message(failing)))
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// denial reads the answer a user would get; nil where it is none of a policy's.
func (c *court) denial(err error) *denial {
	var status *apierrors.StatusError
	if !errors.As(err, &status) || status.ErrStatus.Details == nil || len(status.ErrStatus.Details.Causes) == 0 {
		return nil
	}
	return &denial{
		Policy: c.policy, Binding: c.binding, Message: c.message(err),
		Reason: string(status.ErrStatus.Reason), Code: status.ErrStatus.Code,
	}
}

// message is what the policy itself has to say, without what is said around it.
func (c *court) message(err error) string {
	if err == nil {
		return "an expression failed"
	}
	said := err.Error()
	var status *apierrors.StatusError
	if errors.As(err, &status) && status.ErrStatus.Details != nil && len(status.ErrStatus.Details.Causes) > 0 {
		said = status.ErrStatus.Details.Causes[len(status.ErrStatus.Details.Causes)-1].Message
	}
	heads := []string{
		fmt.Sprintf("ValidatingAdmissionPolicy '%s' with binding '%s' denied request: ", c.policy, c.binding),
		fmt.Sprintf("ValidatingAdmissionPolicy '%s' denied request: ", c.policy),
	}
	if i := slices.IndexFunc(heads, func(head string) bool { return strings.HasPrefix(said, head) }); i >= 0 {
		return said[len(heads[i]):]
	}
	return said
}
