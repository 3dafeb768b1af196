package resources

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/docker/docker/api/types/swarm"
	"github.com/docker/docker/client"
	"github.com/docker/docker/errdefs"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/shim"
)

const removalLimit = 30 * time.Second

var errStillThere = errors.New("it is still in use")

func container(r *schema.Resource) {
	mindGone(r, func(ctx context.Context, c *client.Client, id string) error {
		_, err := c.ContainerInspect(ctx, id)
		return err
	})
	r.Schema["network_mode"].Default = "bridge"
	nested(r.Schema, "devices")["permissions"].Default = "rwm"
	test := nested(r.Schema, "healthcheck")["test"]
	test.Required, test.Optional = false, true
	for _, dropped := range []string{"links", "network_alias", "networks"} {
		delete(r.Schema, dropped)
	}
}

func secret(r *schema.Resource) {
	mindGone(r, func(ctx context.Context, c *client.Client, id string) error {
		_, _, err := c.SecretInspectWithRaw(ctx, id)
		return err
	})
}

func volume(r *schema.Resource) {
	r.DeleteContext = func(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
		return removed(ctx, d, "volume", func() error { return engine(meta).VolumeRemove(ctx, d.Id(), true) })
	}
	mindGone(r, func(ctx context.Context, c *client.Client, id string) error {
		_, err := c.VolumeInspect(ctx, id)
		return err
	})
}

// removed removes what tasks or containers that are still stopping may hold on to for a moment.
func removed(ctx context.Context, d *schema.ResourceData, kind string, remove func() error) diag.Diagnostics {
	var last error
	err := until(ctx, removalLimit, func() (bool, error) {
		last = remove()
		if last == nil || errdefs.IsNotFound(last) {
			return true, nil
		}
		return false, unlessInUse(last)
	})
	if errors.Is(err, context.DeadlineExceeded) {
		err = last
	}
	if err != nil {
		return diag.Errorf("Error removing %s %s: %s", kind, d.Id(), err)
	}
	d.SetId("")
	return nil
}

func unlessInUse(err error) error {
	for _, sign := range []string{"in use", "active endpoints"} {
		if strings.Contains(err.Error(), sign) {
			return nil
		}
	}
	return err
}

func config(r *schema.Resource) {
	label := func() *schema.Schema { return &schema.Schema{Type: schema.TypeString, Required: true, ForceNew: true} }
	r.Schema["data"].Required, r.Schema["data"].Optional = false, true
	r.Schema["data_raw"] = &schema.Schema{Type: schema.TypeString, Optional: true, ForceNew: true}
	r.Schema["data"].ExactlyOneOf = []string{"data", "data_raw"}
	r.Schema["data_raw"].ExactlyOneOf = r.Schema["data"].ExactlyOneOf
	r.Schema["labels"] = &schema.Schema{Type: schema.TypeSet, Optional: true, ForceNew: true, Elem: &schema.Resource{
		Schema: map[string]*schema.Schema{"label": label(), "value": label()},
	}}
	r.CreateContext = createConfig
	r.ReadContext = readConfig
	mindGone(r, func(ctx context.Context, c *client.Client, id string) error {
		_, _, err := c.ConfigInspectWithRaw(ctx, id)
		return err
	})
}

func createConfig(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	data := []byte(d.Get("data_raw").(string))
	if encoded, ok := d.GetOk("data"); ok {
		decoded, err := base64.StdEncoding.DecodeString(encoded.(string))
		if err != nil {
			return diag.FromErr(fmt.Errorf("failed to decode config data: %w", err))
		}
		data = decoded
	}
	spec := swarm.ConfigSpec{Annotations: swarm.Annotations{Name: d.Get("name").(string)}, Data: data}
	if labels, ok := d.GetOk("labels"); ok {
		spec.Labels = shim.LabelMap(labels.(*schema.Set))
	}
	made, err := engine(meta).ConfigCreate(ctx, spec)
	if err != nil {
		return diag.FromErr(err)
	}
	d.SetId(made.ID)
	return readConfig(ctx, d, meta)
}

func readConfig(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	config, _, err := engine(meta).ConfigInspectWithRaw(ctx, d.Id())
	if err != nil {
		return diag.FromErr(err)
	}
	data := map[string]any{"data": base64.StdEncoding.EncodeToString(config.Spec.Data)}
	if _, raw := d.GetOk("data_raw"); raw {
		data = map[string]any{"data_raw": string(config.Spec.Data)}
	}
	data["name"], data["labels"] = config.Spec.Name, shim.LabelSet(config.Spec.Labels)
	return set(d, data)
}

func set(d *schema.ResourceData, fields map[string]any) diag.Diagnostics {
	for name, value := range fields {
		if err := d.Set(name, value); err != nil {
			return diag.FromErr(err)
		}
	}
	return nil
}
