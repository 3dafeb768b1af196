package main

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/swarm"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

const urn = "urn:pulumi:it::it::docker:index/service:Service::it"

// aService is one with much of what a service can have.
func aService() *swarm.Service {
	replicas, watched := uint64(2), swarm.UpdateConfig{Parallelism: 1, Monitor: 2 * time.Second, FailureAction: "rollback", Order: "start-first"}
	back := watched
	back.FailureAction = "pause"
	grace, once := 10*time.Second, uint64(3)
	spec := swarm.ServiceSpec{
		Annotations: swarm.Annotations{Name: "it", Labels: map[string]string{"b": "2", "a": "1"}},
		Mode:        swarm.ServiceMode{Replicated: &swarm.ReplicatedService{Replicas: &replicas}},
		TaskTemplate: swarm.TaskSpec{
			ContainerSpec: &swarm.ContainerSpec{
				Image: "image@sha256:1", Labels: map[string]string{"c": "3"}, Args: []string{"one", "two"},
				Env: []string{"A=1", "B=2"}, StopGracePeriod: &grace, Isolation: container.IsolationDefault,
				Healthcheck: &container.HealthConfig{Test: []string{"CMD", "true"}, Interval: time.Second},
				Configs: []*swarm.ConfigReference{{
					ConfigID: "config", ConfigName: "config-1",
					File: &swarm.ConfigReferenceFileTarget{Name: "/config", UID: "0", GID: "0", Mode: 0o444},
				}},
				Sysctls: map[string]string{"net.core.somaxconn": "256"}, CapabilityDrop: []string{"ALL"},
			},
			Resources:     &swarm.ResourceRequirements{Limits: &swarm.Limit{MemoryBytes: 64 << 20}},
			RestartPolicy: &swarm.RestartPolicy{Condition: "any", MaxAttempts: &once},
			Placement:     &swarm.Placement{Constraints: []string{"node.role==worker"}},
			Networks:      []swarm.NetworkAttachmentConfig{{Target: "network", Aliases: []string{"y", "x"}}},
		},
		UpdateConfig: &watched, RollbackConfig: &back,
		EndpointSpec: &swarm.EndpointSpec{Mode: "dnsrr"},
	}
	return &swarm.Service{ID: "id", Spec: spec, Endpoint: swarm.Endpoint{Spec: *spec.EndpointSpec}}
}

// plugin is a configured one whose engine answers with what of is, and which counts what Terraform is asked.
func plugin(t *testing.T, of *swarm.Service) (*server, *asked) {
	t.Helper()
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/services/id") {
			_ = json.NewEncoder(w).Encode(of)
		}
	}))
	t.Cleanup(engine.Close)
	made := newServer(context.Background(), nil)
	host := structpb.NewStringValue("tcp" + strings.TrimPrefix(engine.URL, "http"))
	_, err := made.Configure(context.Background(), &pulumirpc.ConfigureRequest{
		Args: &structpb.Struct{Fields: map[string]*structpb.Value{"host": host}}, AcceptSecrets: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	bridge := &asked{ResourceProviderServer: made.ResourceProviderServer}
	made.ResourceProviderServer = bridge
	return made, bridge
}

type asked struct {
	pulumirpc.ResourceProviderServer
	times int
}

func (a *asked) Read(ctx context.Context, r *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	a.times++
	return a.ResourceProviderServer.Read(ctx, r)
}

func (a *asked) Diff(ctx context.Context, r *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	a.times++
	return a.ResourceProviderServer.Diff(ctx, r)
}

// given is what a program gives for aService, after Check.
func given(t *testing.T, s *server) *structpb.Struct {
	t.Helper()
	news, err := structpb.NewStruct(object{
		"name":   "it",
		"labels": []any{object{"label": "b", "value": "2"}, object{"label": "a", "value": "1"}},
		"mode":   object{"replicated": object{"replicas": 2}},
		"taskSpec": object{
			"containerSpec": object{
				"image": "image@sha256:1", "labels": []any{object{"label": "c", "value": "3"}}, "args": []any{"one", "two"},
				"env": object{"A": "1", "B": "2"}, "stopGracePeriod": "10s",
				"healthcheck": object{"tests": []any{"CMD", "true"}, "interval": "1s"},
				"configs":     []any{object{"configId": "config", "configName": "config-1", "fileName": "/config"}},
				"sysctl":      object{"net.core.somaxconn": "256"}, "capDrops": []any{"ALL"},
			},
			"resources":         object{"limits": object{"memoryBytes": 64 << 20}},
			"restartPolicy":     object{"condition": "any", "maxAttempts": 3},
			"placement":         object{"constraints": []any{"node.role==worker"}},
			"networksAdvanceds": []any{object{"id": "network", "aliases": []any{"x", "y"}}},
		},
		"updateConfig":   object{"parallelism": 1, "monitor": "2s", "failureAction": "rollback", "order": "start-first"},
		"rollbackConfig": object{"parallelism": 1, "monitor": "2s", "failureAction": "pause", "order": "start-first"},
		"endpointSpec":   object{"mode": "dnsrr"},
	})
	if err != nil {
		t.Fatal(err)
	}
	checked, err := s.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn, News: news})
	if err != nil || len(checked.GetFailures()) > 0 {
		t.Fatal(err, checked.GetFailures())
	}
	return checked.GetInputs()
}

func stateOf(t *testing.T, s *server, inputs *structpb.Struct) *structpb.Struct {
	t.Helper()
	read, err := s.Read(context.Background(), &pulumirpc.ReadRequest{Urn: urn, Id: "id", Inputs: inputs, Properties: &structpb.Struct{
		Fields: map[string]*structpb.Value{"id": structpb.NewStringValue("id"), "name": structpb.NewStringValue("it")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return read.GetProperties()
}

func TestAServiceThatIsAsItWasIsNotAskedOfTerraform(t *testing.T) {
	s, terraform := plugin(t, aService())
	inputs := given(t, s)
	state := stateOf(t, s, inputs)
	terraform.times = 0
	read, err := s.Read(context.Background(), &pulumirpc.ReadRequest{Urn: urn, Id: "id", Inputs: inputs, Properties: state})
	if err != nil || !proto.Equal(read.GetProperties(), state) || !proto.Equal(read.GetInputs(), inputs) {
		t.Error(err, read)
	}
	diff, err := s.Diff(context.Background(), &pulumirpc.DiffRequest{Urn: urn, Id: "id", Olds: state, News: inputs})
	if err != nil || diff.GetChanges() != pulumirpc.DiffResponse_DIFF_NONE {
		t.Error(err, diff)
	}
	if terraform.times != 0 {
		t.Errorf("Terraform was asked %d times", terraform.times)
	}
}

// variants are copies of a value, each with one thing in it changed, left out, turned around, added or emptied.
func variants(of *structpb.Value) []*structpb.Value {
	switch kind := of.GetKind().(type) {
	case *structpb.Value_StringValue:
		return []*structpb.Value{structpb.NewStringValue(kind.StringValue + "x"), structpb.NewStringValue("")}
	case *structpb.Value_NumberValue:
		return []*structpb.Value{structpb.NewNumberValue(kind.NumberValue + 1), structpb.NewNumberValue(0)}
	case *structpb.Value_BoolValue:
		return []*structpb.Value{structpb.NewBoolValue(!kind.BoolValue)}
	case *structpb.Value_ListValue:
		values := kind.ListValue.GetValues()
		list := func(values ...*structpb.Value) *structpb.Value {
			return structpb.NewListValue(&structpb.ListValue{Values: values})
		}
		turned := slices.Clone(values)
		slices.Reverse(turned)
		made := []*structpb.Value{list(), list(turned...), list(append(slices.Clone(values), structpb.NewStringValue("x"))...)}
		for index, value := range values {
			for _, variant := range variants(value) {
				changed := slices.Clone(values)
				changed[index] = variant
				made = append(made, list(changed...))
			}
		}
		return made
	case *structpb.Value_StructValue:
		made := []*structpb.Value{}
		for name, value := range kind.StructValue.GetFields() {
			if strings.HasPrefix(name, "__") {
				continue
			}
			for _, variant := range append(variants(value), nil) {
				changed := maps.Clone(kind.StructValue.GetFields())
				delete(changed, name)
				if variant != nil {
					changed[name] = variant
				}
				made = append(made, structpb.NewStructValue(&structpb.Struct{Fields: changed}))
			}
		}
		return made
	}
	return nil
}

func TestWhatTerraformWouldChangeIsNeverTakenForUnchanged(t *testing.T) {
	s, terraform := plugin(t, aService())
	inputs := given(t, s)
	state := stateOf(t, s, inputs)
	stayed, asked := 0, 0
	check := func(olds, news *structpb.Struct) {
		request := &pulumirpc.DiffRequest{Urn: urn, Id: "id", Olds: olds, News: news}
		if !s.kindOf(urn).stays(request) {
			asked++
			return
		}
		stayed++
		// Some variants are none that Terraform can read, which is not for us to say.
		diff, err := terraform.Diff(context.Background(), request)
		if err == nil && diff.GetChanges() != pulumirpc.DiffResponse_DIFF_NONE {
			t.Errorf("Terraform would change %v", diff.GetDetailedDiff())
		}
	}
	for _, variant := range variants(structpb.NewStructValue(inputs)) {
		check(state, variant.GetStructValue())
	}
	for _, variant := range variants(structpb.NewStructValue(state)) {
		check(variant.GetStructValue(), inputs)
	}
	if stayed < 20 || asked < 150 {
		t.Errorf("%d variants stay, %d are asked of Terraform", stayed, asked)
	}
}

func TestAServiceThatWasChangedIsReadAsTerraformReadsIt(t *testing.T) {
	one, yes := uint64(1), true
	for what, change := range map[string]func(*swarm.Service){
		"nothing":      func(*swarm.Service) {},
		"image":        func(of *swarm.Service) { of.Spec.TaskTemplate.ContainerSpec.Image = "image@sha256:2" },
		"replicas":     func(of *swarm.Service) { of.Spec.Mode.Replicated.Replicas = &one },
		"global":       func(of *swarm.Service) { of.Spec.Mode = swarm.ServiceMode{Global: &swarm.GlobalService{}} },
		"label":        func(of *swarm.Service) { of.Spec.Labels["c"] = "3" },
		"no labels":    func(of *swarm.Service) { of.Spec.Labels = nil },
		"env":          func(of *swarm.Service) { of.Spec.TaskTemplate.ContainerSpec.Env = []string{"A=1", "B=3"} },
		"less env":     func(of *swarm.Service) { of.Spec.TaskTemplate.ContainerSpec.Env = []string{"A=1"} },
		"args":         func(of *swarm.Service) { slices.Reverse(of.Spec.TaskTemplate.ContainerSpec.Args) },
		"command":      func(of *swarm.Service) { of.Spec.TaskTemplate.ContainerSpec.Command = []string{"sh"} },
		"init":         func(of *swarm.Service) { of.Spec.TaskTemplate.ContainerSpec.Init = &yes },
		"user":         func(of *swarm.Service) { of.Spec.TaskTemplate.ContainerSpec.User = "1000" },
		"no health":    func(of *swarm.Service) { of.Spec.TaskTemplate.ContainerSpec.Healthcheck = nil },
		"health":       func(of *swarm.Service) { of.Spec.TaskTemplate.ContainerSpec.Healthcheck.Test[1] = "false" },
		"config":       func(of *swarm.Service) { of.Spec.TaskTemplate.ContainerSpec.Configs[0].ConfigID = "other" },
		"no configs":   func(of *swarm.Service) { of.Spec.TaskTemplate.ContainerSpec.Configs = nil },
		"sysctl":       func(of *swarm.Service) { of.Spec.TaskTemplate.ContainerSpec.Sysctls["net.core.somaxconn"] = "1" },
		"memory":       func(of *swarm.Service) { of.Spec.TaskTemplate.Resources.Limits.MemoryBytes = 1 << 20 },
		"no resources": func(of *swarm.Service) { of.Spec.TaskTemplate.Resources = nil },
		"attempts":     func(of *swarm.Service) { of.Spec.TaskTemplate.RestartPolicy.MaxAttempts = &one },
		"constraint":   func(of *swarm.Service) { of.Spec.TaskTemplate.Placement.Constraints = nil },
		"platform": func(of *swarm.Service) {
			of.Spec.TaskTemplate.Placement.Platforms = []swarm.Platform{{Architecture: "arm64", OS: "linux"}}
		},
		"alias":    func(of *swarm.Service) { of.Spec.TaskTemplate.Networks[0].Aliases = []string{"x"} },
		"network":  func(of *swarm.Service) { of.Spec.TaskTemplate.Networks[0].Target = "other" },
		"update":   func(of *swarm.Service) { of.Spec.UpdateConfig.FailureAction = "pause" },
		"rollback": func(of *swarm.Service) { of.Spec.RollbackConfig.MaxFailureRatio = 0.5 },
		"endpoint": func(of *swarm.Service) { of.Spec.EndpointSpec.Mode, of.Endpoint.Spec.Mode = "vip", "vip" },
		"force":    func(of *swarm.Service) { of.Spec.TaskTemplate.ForceUpdate = 1 },
		"its name": func(of *swarm.Service) { of.Spec.Name = "other" },
		"a port": func(of *swarm.Service) {
			of.Endpoint.Ports = []swarm.PortConfig{{TargetPort: 80, PublishedPort: 8080, Protocol: "tcp", PublishMode: "host"}}
			of.Spec.EndpointSpec.Ports, of.Endpoint.Spec.Ports = of.Endpoint.Ports, of.Endpoint.Ports
		},
	} {
		t.Run(what, func(t *testing.T) {
			of := aService()
			s, terraform := plugin(t, of)
			inputs := given(t, s)
			state := stateOf(t, s, inputs)
			change(of)
			terraform.times = 0
			request := func() *pulumirpc.ReadRequest {
				return &pulumirpc.ReadRequest{Urn: urn, Id: "id", Inputs: inputs, Properties: proto.Clone(state).(*structpb.Struct)}
			}
			read, err := s.Read(context.Background(), request())
			if asked := terraform.times > 0; asked != (what != "nothing") {
				t.Errorf("Terraform was asked: %v", asked)
			}
			expected, expectedErr := terraform.Read(context.Background(), request())
			drop(expected.GetProperties())
			if err != nil || expectedErr != nil || !proto.Equal(read, expected) {
				t.Errorf("%v %v\n%v\n%v", err, expectedErr, read, expected)
			}
		})
	}
}
