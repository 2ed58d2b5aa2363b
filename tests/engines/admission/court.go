package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

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

// A court judges by one binding of one policy, thrice. The verdict is that of
// the policy as it is written; the two others deny by it, one where an
// expression fails and one not, so that where they disagree one has failed.
type court struct {
	policy, binding             string
	ignores                     bool
	written, failing, forgiving seat
}

// A seat is one binding in a plugin that has loaded all of them.
type seat struct {
	plugin *validating.Plugin
	hook   validating.PolicyHook
}

// Validate has the plugin judge by this binding alone. Everything else, from
// which resources are kept from policies onwards, stays the plugin's own.
func (s seat) Validate(ctx context.Context, attributes admission.Attributes, interfaces admission.ObjectInterfaces) error {
	*sourceOf(s.plugin) = single{s.hook}
	return s.plugin.Validate(ctx, attributes, interfaces)
}

type single struct{ hook validating.PolicyHook }

func (s single) Hooks() []validating.PolicyHook { return []validating.PolicyHook{s.hook} }
func (s single) HasSynced() bool                { return true }
func (s single) Run(context.Context) error      { return nil }

// Never persisted, hence kept from policies by the API server itself.
var excluded = []schema.GroupResource{
	{Group: "authentication.k8s.io", Resource: "selfsubjectreviews"},
	{Group: "authentication.k8s.io", Resource: "tokenreviews"},
	{Group: "authorization.k8s.io", Resource: "localsubjectaccessreviews"},
	{Group: "authorization.k8s.io", Resource: "selfsubjectaccessreviews"},
	{Group: "authorization.k8s.io", Resource: "selfsubjectrulesreviews"},
	{Group: "authorization.k8s.io", Resource: "subjectaccessreviews"},
}

// newCourts starts the three plugins and seats every binding in each. They are
// started one after the other: up to 1.35 the API server compiles all policies
// into one table of variables, which two plugins must not write to at once.
func newCourts(policies map[string]*admissionv1.ValidatingAdmissionPolicy, bindings []*admissionv1.ValidatingAdmissionPolicyBinding, around surroundings) ([]*court, error) {
	written, err := around.seats(policies, bindings)
	if err != nil {
		return nil, err
	}
	denying := make([]*admissionv1.ValidatingAdmissionPolicyBinding, len(bindings))
	for i, binding := range bindings {
		denying[i] = binding.DeepCopy()
		denying[i].Spec.ValidationActions = []admissionv1.ValidationAction{admissionv1.Deny}
	}
	probe := func(on admissionv1.FailurePolicyType) (map[string]seat, error) {
		changed := map[string]*admissionv1.ValidatingAdmissionPolicy{}
		for name, policy := range policies {
			changed[name] = policy.DeepCopy()
			changed[name].Spec.FailurePolicy = &on
		}
		return around.seats(changed, denying)
	}
	failing, err := probe(admissionv1.Fail)
	if err != nil {
		return nil, err
	}
	forgiving, err := probe(admissionv1.Ignore)
	if err != nil {
		return nil, err
	}
	var courts []*court
	for _, binding := range bindings {
		policy := policies[binding.Spec.PolicyName]
		courts = append(courts, &court{
			policy: policy.Name, binding: binding.Name, ignores: *policy.Spec.FailurePolicy == admissionv1.Ignore,
			written: written[binding.Name], failing: failing[binding.Name], forgiving: forgiving[binding.Name],
		})
	}
	return courts, nil
}

// What a plugin finds beside its policy and binding.
type surroundings struct {
	kinds   *kinds
	known   []runtime.Object
	custom  []runtime.Object
	stopped <-chan struct{}
}

// seats starts a plugin and waits until it has compiled what it was given.
func (s surroundings) seats(policies map[string]*admissionv1.ValidatingAdmissionPolicy, bindings []*admissionv1.ValidatingAdmissionPolicyBinding) (map[string]seat, error) {
	objects := slices.Clone(s.known)
	for _, policy := range policies {
		objects = append(objects, policy)
	}
	for _, binding := range bindings {
		objects = append(objects, binding)
	}
	client := fake.NewSimpleClientset(objects...)
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
		return nil, fmt.Errorf("the admission plugin did not start: %w", err)
	}
	factory.Start(s.stopped)
	plugin := started.(*validating.Plugin)
	if !plugin.WaitForReady() {
		return nil, fmt.Errorf("the admission plugin was not ready in time")
	}
	made := map[string]seat{}
	for _, hook := range (*sourceOf(plugin)).Hooks() {
		bindings := hook.Bindings
		for _, binding := range bindings {
			hook.Bindings = []*admissionv1.ValidatingAdmissionPolicyBinding{binding}
			made[binding.Name] = seat{plugin, hook}
		}
	}
	if len(made) != len(bindings) {
		return nil, fmt.Errorf("the admission plugin loaded %d bindings of %d", len(made), len(bindings))
	}
	return made, nil
}

type initialize func(*validating.Plugin)

func (f initialize) Initialize(plugin admission.Interface) { f(plugin.(*validating.Plugin)) }

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
	if forgiving := asked.put(c.forgiving, &hearing{}); words(failing) != words(forgiving) {
		to.Errors = append(to.Errors, fmt.Sprintf("policy %s with binding %s: %s", c.policy, c.binding, c.message(failing)))
	}
}

// words are those of an error in an order of their own: a message that tells the
// keys of a map tells them in another one each time.
func words(err error) string {
	if err == nil {
		return ""
	}
	said := strings.FieldsFunc(err.Error(), func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	slices.Sort(said)
	return strings.Join(said, " ")
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
