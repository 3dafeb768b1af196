package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	engine "github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

// fields are the properties of a resource as a program writes them.
type fields = map[string]any

func value(of any) property.Value {
	switch of := of.(type) {
	case string:
		return property.New(of)
	case bool:
		return property.New(of)
	case int:
		return property.New(float64(of))
	case []any:
		items := []property.Value{}
		for _, item := range of {
			items = append(items, value(item))
		}
		return property.New(items)
	case fields:
		return property.New(properties(of))
	case *resource.Asset:
		return property.New(of)
	case *resource.Archive:
		return property.New(of)
	}
	panic("no such property")
}

func properties(of fields) property.Map {
	made := map[string]property.Value{}
	for name, field := range of {
		made[name] = value(field)
	}
	return property.NewMap(made)
}

// plugin speaks to the provider as the engine does.
type plugin struct {
	t      *testing.T
	server p.Provider
	urn    resource.URN
	log    *lockedBuffer
}

func newPlugin(t *testing.T, token string) *plugin {
	t.Helper()
	made, err := build()
	must(t, err)
	log := &lockedBuffer{}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	urn := resource.NewURN("stack", "project", "", tokens.Type("command:"+token), "it")
	return &plugin{t, made, urn, log}
}

func (c *plugin) inputs(of fields) property.Map {
	c.t.Helper()
	checked, err := c.server.Check(context.Background(), p.CheckRequest{Urn: c.urn, Inputs: properties(of)})
	must(c.t, err)
	if len(checked.Failures) > 0 {
		c.t.Fatalf("check failed: %v", checked.Failures)
	}
	return checked.Inputs
}

func (c *plugin) create(of fields) (property.Map, error) {
	made, err := c.server.Create(context.Background(), p.CreateRequest{Urn: c.urn, Properties: c.inputs(of)})
	return made.Properties, err
}

func (c *plugin) mustCreate(of fields) property.Map {
	c.t.Helper()
	made, err := c.create(of)
	must(c.t, err)
	return made
}

func (c *plugin) update(before, now fields, state property.Map) property.Map {
	c.t.Helper()
	made, err := c.server.Update(context.Background(), p.UpdateRequest{
		ID: "it", Urn: c.urn, State: state, Inputs: c.inputs(now), OldInputs: c.inputs(before),
	})
	must(c.t, err)
	return made.Properties
}

// diff asks over the wire: only there the provider learns what the engine can do.
func (c *plugin) diff(before, now fields, state property.Map) *pulumirpc.DiffResponse {
	c.t.Helper()
	served, err := p.RawServer("command", version, c.server)(nil)
	must(c.t, err)
	answer, err := served.Diff(context.Background(), &pulumirpc.DiffRequest{
		Id: "it", Urn: string(c.urn), Olds: c.wire(state), News: c.wire(c.inputs(now)), OldInputs: c.wire(c.inputs(before)),
	})
	must(c.t, err)
	return answer
}

func (c *plugin) wire(of property.Map) *structpb.Struct {
	c.t.Helper()
	made, err := engine.MarshalProperties(resource.ToResourcePropertyMap(of), engine.MarshalOptions{KeepSecrets: true, KeepUnknowns: true})
	must(c.t, err)
	return made
}

func (c *plugin) remove(state property.Map) {
	c.t.Helper()
	must(c.t, c.server.Delete(context.Background(), p.DeleteRequest{ID: "it", Urn: c.urn, Properties: state}))
}

func text(t *testing.T, of property.Map, name string) string {
	t.Helper()
	field := of.Get(name)
	if !field.IsString() {
		t.Fatalf("%s is no text: %v", name, field)
	}
	return field.AsString()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

func contains(t *testing.T, in, part string) {
	t.Helper()
	if !strings.Contains(in, part) {
		t.Fatalf("%q is not in %q", part, in)
	}
}

type lockedBuffer struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(more []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.Write(more)
}

func (b *lockedBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.String()
}
