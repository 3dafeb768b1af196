package resources

import (
	"reflect"
	"testing"

	"github.com/docker/docker/api/types/swarm"
	"github.com/hashicorp/go-cty/cty"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

func TestTheSchemaIsSound(t *testing.T) {
	if err := Provider().InternalValidate(); err != nil {
		t.Fatal(err)
	}
}

func serviceData(t *testing.T, container, task map[string]any) *schema.ResourceData {
	t.Helper()
	container["image"] = "image"
	task["container_spec"] = []any{container}
	fields := map[string]any{"name": "it", "task_spec": []any{task}}
	return schema.TestResourceDataRaw(t, Provider().ResourcesMap["docker_service"].Schema, fields)
}

func TestAServiceHasWhatTheProviderDoesNotKnow(t *testing.T) {
	data := serviceData(t, map[string]any{
		"cap_add": []any{"CAP_CHOWN"}, "cap_drop": []any{"ALL"},
		"sysctl": map[string]any{"net.core.somaxconn": "256"},
		"env":    map[string]any{"F": "6", "B": "2", "C": "3", "E": "5", "A": "1", "D": "4"},
	}, map[string]any{
		"networks_advanced": []any{map[string]any{"id": "net", "aliases": []any{"app"}, "driver_opts": []any{"a=b=c"}}},
	})
	spec, err := serviceSpec(data)
	if err != nil {
		t.Fatal(err)
	}
	container := spec.TaskTemplate.ContainerSpec
	for _, c := range []struct{ got, want any }{
		{container.CapabilityAdd, []string{"CAP_CHOWN"}},
		{container.CapabilityDrop, []string{"ALL"}},
		{container.Env, []string{"A=1", "B=2", "C=3", "D=4", "E=5", "F=6"}},
		{container.Sysctls, map[string]string{"net.core.somaxconn": "256"}},
		{spec.TaskTemplate.Networks, []swarm.NetworkAttachmentConfig{
			{Target: "net", Aliases: []string{"app"}, DriverOpts: map[string]string{"a": "b=c"}},
		}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
}

func TestInitIsWhatTheProgramSays(t *testing.T) {
	config := func(init cty.Value) cty.Value {
		container := cty.ListVal([]cty.Value{cty.ObjectVal(map[string]cty.Value{"init": init})})
		task := cty.ListVal([]cty.Value{cty.ObjectVal(map[string]cty.Value{"container_spec": container})})
		return cty.ObjectVal(map[string]cty.Value{"task_spec": task})
	}
	if got := initOf(config(cty.NullVal(cty.Bool))); got != nil {
		t.Errorf("nothing said: %v", *got)
	}
	for _, said := range []bool{true, false} {
		if got := initOf(config(cty.BoolVal(said))); got == nil || *got != said {
			t.Errorf("said %v: %v", said, got)
		}
	}
}

func TestANetworkNeedsAnIdOrAName(t *testing.T) {
	data := serviceData(t, map[string]any{}, map[string]any{"networks_advanced": []any{map[string]any{"aliases": []any{"app"}}}})
	if _, err := serviceSpec(data); err == nil {
		t.Fatal("no error")
	}
}

func TestWhatSwarmTellsFitsTheSchema(t *testing.T) {
	on := true
	read := taskSpec(swarm.TaskSpec{
		ContainerSpec: &swarm.ContainerSpec{Image: "image", Init: &on, CapabilityDrop: []string{"ALL"}},
		Networks:      []swarm.NetworkAttachmentConfig{{Target: "net", Aliases: []string{"app"}}},
		Placement:     &swarm.Placement{Platforms: []swarm.Platform{{Architecture: "amd64", OS: "linux"}, {Architecture: "arm64", OS: "linux"}}},
	})
	data := serviceData(t, map[string]any{}, map[string]any{})
	if err := data.Set("task_spec", read); err != nil {
		t.Fatal(err)
	}
	if got := data.Get("task_spec.0.placement.0.platforms").(*schema.Set).Len(); got != 2 {
		t.Errorf("platforms: %d", got)
	}
	if got := data.Get("task_spec.0.networks_advanced").(*schema.Set).List()[0].(map[string]any)["id"]; got != "net" {
		t.Errorf("network: %v", got)
	}
}
