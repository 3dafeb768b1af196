// Package resources brings kreuzwerker's provider 2.23 to the properties and the behaviour of 4.5, which
// @pulumi/docker 5.2.0 speaks to, and leaves out its fixed waits.
package resources

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/docker/docker/client"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/shim"
)

// Provider is the Terraform provider that the bridge serves.
func Provider() *schema.Provider {
	p := shim.NewProvider()
	p.Schema["context"] = optional(schema.TypeString)
	p.Schema["context"].DefaultFunc = schema.EnvDefaultFunc("DOCKER_CONTEXT", "")
	p.Schema["disable_docker_daemon_check"] = optional(schema.TypeBool)
	p.ConfigureContextFunc = configure
	container(p.ResourcesMap["docker_container"])
	service(p.ResourcesMap["docker_service"])
	network(p.ResourcesMap["docker_network"])
	volume(p.ResourcesMap["docker_volume"])
	config(p.ResourcesMap["docker_config"])
	secret(p.ResourcesMap["docker_secret"])
	for _, resource := range p.ResourcesMap {
		if resource.ReadContext != nil {
			resource.ReadContext = keptWithoutEngine(resource.ReadContext)
		}
	}
	return p
}

// configure makes a client and does not speak to the engine yet: the engine of an environment may be a container
// that the same program is about to make.
func configure(_ context.Context, d *schema.ResourceData) (any, diag.Diagnostics) {
	host := d.Get("host").(string)
	if name := d.Get("context").(string); name != "" {
		found, err := contextHost(name)
		if err != nil {
			return nil, diag.FromErr(err)
		}
		host = found
	}
	options := []string{}
	for _, option := range d.Get("ssh_opts").([]any) {
		options = append(options, option.(string))
	}
	made, err := (&shim.Config{
		Host: host, SSHOpts: options, CertPath: d.Get("cert_path").(string),
		Ca: d.Get("ca_material").(string), Cert: d.Get("cert_material").(string), Key: d.Get("key_material").(string),
	}).NewClient()
	if err != nil {
		return nil, diag.Errorf("Error initializing Docker client: %s", err)
	}
	auth := &shim.AuthConfigs{}
	if list, ok := d.GetOk("registry_auth"); ok {
		if auth, err = shim.RegistryAuth(list.(*schema.Set)); err != nil {
			return nil, diag.Errorf("Error loading registry auth config: %s", err)
		}
	}
	return &shim.ProviderConfig{DockerClient: made, AuthConfigs: auth}, nil
}

// contextHost finds the address of a docker context as `docker context` stores it.
func contextHost(name string) (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(home, ".docker", "contexts", "meta", "*", "meta.json"))
	if err != nil {
		return "", err
	}
	for _, file := range files {
		var meta struct {
			Name      string
			Endpoints map[string]struct{ Host string }
		}
		content, err := os.ReadFile(file)
		if err == nil && json.Unmarshal(content, &meta) == nil && meta.Name == name {
			return meta.Endpoints["docker"].Host, nil
		}
	}
	return "", fmt.Errorf("docker context %q not found; see `docker context ls`", name)
}

func engine(meta any) *client.Client { return meta.(*shim.ProviderConfig).DockerClient }

func optional(of schema.ValueType) *schema.Schema { return &schema.Schema{Type: of, Optional: true} }

func optionalOf(of, elem schema.ValueType) *schema.Schema {
	return &schema.Schema{Type: of, Optional: true, Elem: &schema.Schema{Type: elem}}
}

// nested is the schema of the fields inside a block.
func nested(fields map[string]*schema.Schema, name string) map[string]*schema.Schema {
	return fields[name].Elem.(*schema.Resource).Schema
}
