package resources

import (
	"context"
	"strings"
	"time"

	"github.com/docker/docker/api/types"
	dockernetwork "github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/shim"
)

const allocationLimit = 15 * time.Second

func network(r *schema.Resource) {
	delete(r.Schema, "check_duplicate")
	r.Schema["ipam_options"] = optionalOf(schema.TypeMap, schema.TypeString)
	r.Schema["ipam_options"].ForceNew = true
	r.CreateContext = createNetwork
	r.ReadContext = readNetwork
	r.DeleteContext = func(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
		return removed(ctx, d, "network", func() error { return removeNetwork(ctx, engine(meta), d.Id()) })
	}
	mindGone(r, func(ctx context.Context, c *client.Client, id string) error {
		_, err := c.NetworkInspect(ctx, id, types.NetworkInspectOptions{})
		return err
	})
}

// removeNetwork says "in use" until the network is gone from this engine: Swarm forgets an overlay network before the
// engine does, which meanwhile refuses another one of its name, and may call it not found with whatever status.
func removeNetwork(ctx context.Context, c *client.Client, id string) error {
	if err := c.NetworkRemove(ctx, id); err != nil && !strings.Contains(err.Error(), "not found") {
		return err
	}
	if _, err := c.NetworkInspect(ctx, id, types.NetworkInspectOptions{}); err != nil {
		return err
	}
	return errStillThere
}

func createNetwork(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	// Without the check, an engine before 25 makes a second network of the same name.
	options := types.NetworkCreate{
		CheckDuplicate: true,
		Driver:         d.Get("driver").(string),
		Internal:       d.Get("internal").(bool),
		Attachable:     d.Get("attachable").(bool),
		Ingress:        d.Get("ingress").(bool),
		EnableIPv6:     d.Get("ipv6").(bool),
		Options:        stringMap(d.Get("options")),
		IPAM:           ipam(d),
	}
	if labels, ok := d.GetOk("labels"); ok {
		options.Labels = shim.LabelMap(labels.(*schema.Set))
	}
	made, err := engine(meta).NetworkCreate(ctx, d.Get("name").(string), options)
	if err != nil {
		return diag.Errorf("Unable to create network: %s", err)
	}
	d.SetId(made.ID)
	if err := allocated(ctx, engine(meta), made.ID); err != nil {
		return diag.FromErr(err)
	}
	return readNetwork(ctx, d, meta)
}

// allocated waits until a network has its drivers: Swarm gives them to an overlay network a moment after it was made, and
// what is read before would look like a change ever after.
func allocated(ctx context.Context, c *client.Client, id string) error {
	return until(ctx, allocationLimit, func() (bool, error) {
		found, err := c.NetworkInspect(ctx, id, types.NetworkInspectOptions{})
		return found.Driver != "" && found.IPAM.Driver != "", err
	})
}

func ipam(d *schema.ResourceData) *dockernetwork.IPAM {
	driver, hasDriver := d.GetOk("ipam_driver")
	config, hasConfig := d.GetOk("ipam_config")
	options, hasOptions := d.GetOk("ipam_options")
	if !hasDriver && !hasConfig && !hasOptions {
		return nil
	}
	made := &dockernetwork.IPAM{Driver: driver.(string), Options: stringMap(options)}
	if hasConfig {
		made.Config = shim.IPAMConfigs(config.(*schema.Set))
	}
	return made
}

func readNetwork(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	read := shim.NetworkRead(ctx, d, meta)
	return diag.FromErr(until(ctx, removalLimit, func() (bool, error) {
		_, state, err := read()
		return state != "pending", err
	}))
}

func stringMap(from any) map[string]string {
	made := map[string]string{}
	for key, value := range from.(map[string]any) {
		made[key] = value.(string)
	}
	return made
}
