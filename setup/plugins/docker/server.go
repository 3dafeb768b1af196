package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumi "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"

	"slipway/docker/resources"
)

// server is the bridge's, which is asked only about what is not obvious: reading and comparing one service through Terraform
// takes some 40 ms of a processor, and most services are as they were.
type server struct {
	pulumirpc.ResourceProviderServer
	terraform *schema.Provider
	kinds     map[string]*kind
}

func newServer(ctx context.Context, host *pulumi.HostClient) *server {
	terraform := resources.Provider()
	p := provider(terraform)
	p.P.InitLogging(ctx)
	bridge := tfbridge.NewProvider(ctx, host, p.Name, version, p.P, p, []byte(`{"name":"docker"}`))
	return &server{ResourceProviderServer: bridge, terraform: terraform, kinds: kindsOf(p)}
}

func (s *server) Diff(ctx context.Context, asked *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	if kind := s.kindOf(asked.GetUrn()); kind != nil && kind.stays(asked) {
		return &pulumirpc.DiffResponse{
			Changes: pulumirpc.DiffResponse_DIFF_NONE, Stables: kind.stables, HasDetailedDiff: true,
		}, nil
	}
	return s.ResourceProviderServer.Diff(ctx, asked)
}

func (s *server) Read(ctx context.Context, asked *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	drop(asked.GetProperties())
	if s.isService(asked.GetUrn()) && s.terraform.Meta() != nil {
		now, err := resources.ServiceNow(ctx, s.terraform.Meta(), asked.GetId())
		if err == nil && s.kindOf(asked.GetUrn()).isAsKnown(asked, now) {
			return &pulumirpc.ReadResponse{Id: asked.GetId(), Properties: asked.GetProperties(), Inputs: asked.GetInputs()}, nil
		}
	}
	read, err := s.ResourceProviderServer.Read(ctx, asked)
	drop(read.GetProperties())
	return read, err
}

func (s *server) Create(ctx context.Context, asked *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	created, err := s.ResourceProviderServer.Create(ctx, asked)
	if err == nil {
		created.Properties = s.kept(ctx, asked, created.GetId(), created.GetProperties())
	}
	return created, err
}

func (s *server) Update(ctx context.Context, asked *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	updated, err := s.ResourceProviderServer.Update(ctx, asked)
	if err == nil {
		updated.Properties = s.kept(ctx, asked, asked.GetId(), updated.GetProperties())
	}
	return updated, err
}

// change is a request that makes or changes a resource.
type change interface {
	GetUrn() string
	GetPreview() bool
}

// kept is the state of what was made or changed. That of a service is as the next reading will have it: Terraform leaves out of it
// what the engine has filled in.
func (s *server) kept(ctx context.Context, asked change, id string, state *structpb.Struct) *structpb.Struct {
	if s.isService(asked.GetUrn()) && !asked.GetPreview() {
		read, err := s.ResourceProviderServer.Read(ctx, &pulumirpc.ReadRequest{Urn: asked.GetUrn(), Id: id, Properties: state})
		if err == nil && read.GetId() == id {
			state = read.GetProperties()
		}
	}
	drop(state)
	return state
}

func (s *server) isService(urn string) bool {
	kind := s.kindOf(urn)
	return kind != nil && kind.name == "docker_service"
}

func (s *server) kindOf(urn string) *kind { return s.kinds[string(resource.URN(urn).Type())] }

// drop takes out of a state how Terraform would have written it, which is as large as the state, goes through Pulumi and the
// program with it, and is of use only where the two differ in more than names. Here they do not.
func drop(state *structpb.Struct) { delete(state.GetFields(), "__pulumi_raw_state_delta") }
