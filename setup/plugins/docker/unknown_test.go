package main

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"slipway/docker/resources"
)

type object = map[string]any

func TestAPropertyThatIsNotKnownIsRefusedByName(t *testing.T) {
	network := object{"id": "net", "aliases": []any{"app"}}
	for _, c := range []struct {
		resource, unknown string
		given             object
	}{
		{"docker_service", "", object{"name": "it", "taskSpec": object{"networksAdvanceds": []any{network}}}},
		{"docker_service", "taskSpec.containerSpec.mounts.tmpfsOptions", object{"taskSpec": object{"containerSpec": object{
			"mounts": []any{object{"target": "/tmp", "type": "tmpfs", "tmpfsOptions": object{"mode": 1}}}}}}},
		{"docker_container", "", object{
			"image": "it", "command": []any{"true"}, "networksAdvanced": []any{object{"name": "net"}}, "envs": []any{"A=1"},
			"capabilities": object{"adds": []any{"ALL"}}, "securityOpts": []any{"seccomp=unconfined"}, "wait": true,
		}},
		{"docker_container", "cgroupnsMode", object{"image": "it", "cgroupnsMode": "host"}},
		{"docker_container", "healthcheck.startInterval", object{"healthcheck": object{"tests": []any{}, "startInterval": "1s"}}},
		{"docker_network", "", object{"ipamConfigs": []any{object{"subnet": "10.0.0.0/24"}}, "ipamOptions": object{}}},
		{"docker_volume", "cluster", object{"cluster": object{}}},
		{"docker_config", "", object{"dataRaw": "text", "labels": []any{object{"label": "a", "value": "b"}}}},
	} {
		t.Run(c.resource+" "+c.unknown, func(t *testing.T) {
			_, err := provider(resources.Provider()).Resources[c.resource].PreCheckCallback(context.Background(), resource.NewPropertyMapFromMap(c.given), nil)
			if c.unknown == "" && err != nil {
				t.Fatal(err)
			}
			if c.unknown != "" && (err == nil || !strings.Contains(err.Error(), `"`+c.unknown+`"`)) {
				t.Fatalf("%q is not named: %v", c.unknown, err)
			}
		})
	}
}
