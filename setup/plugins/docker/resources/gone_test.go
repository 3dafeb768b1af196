package resources

import (
	"context"
	"net"
	"path/filepath"
	"testing"

	"github.com/docker/docker/client"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/shim"
)

func failedRead(t *testing.T, host string) diag.Diagnostics {
	t.Helper()
	made, err := client.NewClientWithOpts(client.WithHost(host))
	if err != nil {
		t.Fatal(err)
	}
	fails := func(context.Context, *schema.ResourceData, any) diag.Diagnostics {
		return diag.Errorf("it cannot be read")
	}
	data := serviceData(t, map[string]any{}, map[string]any{})
	return keptWithoutEngine(fails)(context.Background(), data, &shim.ProviderConfig{DockerClient: made})
}

func TestWhatWasInAnEngineThatIsGoneIsKept(t *testing.T) {
	if found := failedRead(t, "unix://"+filepath.Join(t.TempDir(), "no.sock")); found.HasError() || len(found) != 1 {
		t.Errorf("no socket: %v", found)
	}
}

func TestAnEngineThatAnswersAnErrorIsBelieved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "docker.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	if found := failedRead(t, "unix://"+path); !found.HasError() {
		t.Errorf("somebody listens: %v", found)
	}
}

func TestTheMachinesEngineBeingDownIsAnError(t *testing.T) {
	host := "unix://" + filepath.Join(t.TempDir(), "no.sock")
	t.Setenv("DOCKER_HOST", host)
	if found := failedRead(t, host); !found.HasError() {
		t.Errorf("the machine's engine: %v", found)
	}
}
