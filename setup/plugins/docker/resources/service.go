package resources

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/swarm"
	"github.com/docker/docker/client"
	"github.com/docker/docker/errdefs"
	"github.com/hashicorp/go-cty/cty"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/shim"
)

func service(r *schema.Resource) {
	serviceSchema(r.Schema)
	r.CreateContext, r.ReadContext = createService, readService
	r.UpdateContext, r.DeleteContext = updateService, deleteService
}

func serviceSchema(fields map[string]*schema.Schema) {
	label := func() *schema.Schema { return &schema.Schema{Type: schema.TypeString, Required: true} }
	fields["labels"].Elem = &schema.Resource{Schema: map[string]*schema.Schema{"label": label(), "value": label()}}
	for _, block := range []string{"update_config", "rollback_config"} {
		nested(fields, block)["max_failure_ratio"].DiffSuppressFunc = equalRatios
	}
	task := nested(fields, "task_spec")
	delete(task, "networks")
	task["networks_advanced"] = networksAdvanced()
	container := nested(task, "container_spec")
	// The provider fails on these; without them they are refused by name.
	delete(nested(container, "mounts"), "tmpfs_options")
	test := nested(container, "healthcheck")["test"]
	test.Required, test.Optional = false, true
	container["cap_add"] = optionalOf(schema.TypeList, schema.TypeString)
	container["cap_drop"] = optionalOf(schema.TypeList, schema.TypeString)
	container["sysctl"] = optionalOf(schema.TypeMap, schema.TypeString)
	container["sysctl"].ForceNew = true
	container["init"] = optional(schema.TypeBool)
	container["init"].Computed = true
}

func networksAdvanced() *schema.Schema {
	fields := map[string]*schema.Schema{
		"name":        optional(schema.TypeString),
		"id":          optional(schema.TypeString),
		"aliases":     optionalOf(schema.TypeSet, schema.TypeString),
		"driver_opts": optionalOf(schema.TypeSet, schema.TypeString),
	}
	for _, field := range fields {
		field.ForceNew = true
	}
	return &schema.Schema{Type: schema.TypeSet, Optional: true, Elem: &schema.Resource{Schema: fields}}
}

func equalRatios(_, old, now string, _ *schema.ResourceData) bool {
	a, errA := strconv.ParseFloat(old, 64)
	b, errB := strconv.ParseFloat(now, 64)
	return errA == nil && errB == nil && a == b
}

// serviceSpec is the provider's own translation and what it does not know.
func serviceSpec(d *schema.ResourceData) (swarm.ServiceSpec, error) {
	spec, err := shim.ServiceSpec(d)
	if err != nil {
		return spec, err
	}
	if spec.TaskTemplate.Networks, err = attachments(d.Get("task_spec.0.networks_advanced").(*schema.Set)); err != nil {
		return spec, err
	}
	const at = "task_spec.0.container_spec.0."
	container := spec.TaskTemplate.ContainerSpec
	// The provider takes them from a map: in another order every time, which to Swarm is a change that restarts tasks.
	slices.Sort(container.Env)
	container.CapabilityAdd = texts(d.Get(at + "cap_add").([]any))
	container.CapabilityDrop = texts(d.Get(at + "cap_drop").([]any))
	if sysctl, ok := d.GetOk(at + "sysctl"); ok {
		container.Sysctls = stringMap(sysctl)
	}
	container.Init = initOf(d.GetRawConfig())
	return spec, nil
}

// initOf is what the program's configuration says of `init`: to Swarm, saying nothing and saying false are not the same,
// and a change from one to the other restarts tasks.
func initOf(config cty.Value) *bool {
	at := cty.GetAttrPath("task_spec").IndexInt(0).GetAttr("container_spec").IndexInt(0).GetAttr("init")
	given, err := at.Apply(config)
	if err != nil || given.IsNull() || !given.IsKnown() {
		return nil
	}
	on := given.True()
	return &on
}

func attachments(networks *schema.Set) ([]swarm.NetworkAttachmentConfig, error) {
	made := []swarm.NetworkAttachmentConfig{}
	for _, item := range networks.List() {
		fields := item.(map[string]any)
		target := fields["id"].(string)
		if target == "" {
			target = fields["name"].(string)
		}
		if target == "" {
			return nil, fmt.Errorf("taskSpec.networksAdvanceds: a network needs an id or a name")
		}
		one := swarm.NetworkAttachmentConfig{Target: target, Aliases: texts(fields["aliases"].(*schema.Set).List())}
		for _, option := range texts(fields["driver_opts"].(*schema.Set).List()) {
			key, value, _ := strings.Cut(option, "=")
			if one.DriverOpts == nil {
				one.DriverOpts = map[string]string{}
			}
			one.DriverOpts[key] = value
		}
		made = append(made, one)
	}
	return made, nil
}

func createService(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	spec, err := serviceSpec(d)
	if err != nil {
		return diag.FromErr(err)
	}
	auth := base64.URLEncoding.EncodeToString(shim.ServiceAuth(d, meta, "create"))
	made, err := engine(meta).ServiceCreate(ctx, spec, types.ServiceCreateOptions{EncodedRegistryAuth: auth, QueryRegistry: true})
	if err != nil {
		return diag.FromErr(err)
	}
	if limit, ok := convergence(d); ok {
		created := shim.ServiceCreated(ctx, made.ID, meta)
		err := until(ctx, limit, func() (bool, error) {
			_, state, err := created()
			return state == "running" || state == "complete", err
		})
		if err != nil {
			// The official plugin takes back a service that did not come up, so that the next run starts afresh.
			_ = engine(meta).ServiceRemove(ctx, made.ID)
			return diag.FromErr(notConverged(made.ID, limit, err))
		}
	}
	d.SetId(made.ID)
	return readService(ctx, d, meta)
}

func updateService(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	c := engine(meta)
	now, _, err := c.ServiceInspectWithRaw(ctx, d.Id(), types.ServiceInspectOptions{})
	if err != nil {
		return diag.FromErr(err)
	}
	spec, err := serviceSpec(d)
	if err != nil {
		return diag.FromErr(err)
	}
	auth := base64.URLEncoding.EncodeToString(shim.ServiceAuth(d, meta, "update"))
	if _, err := c.ServiceUpdate(ctx, d.Id(), now.Version, spec, types.ServiceUpdateOptions{EncodedRegistryAuth: auth}); err != nil {
		return diag.FromErr(err)
	}
	if limit, ok := convergence(d); ok {
		if err := until(ctx, limit, updated(ctx, d.Id(), meta)); err != nil {
			return diag.FromErr(notConverged(d.Id(), limit, err))
		}
	}
	return readService(ctx, d, meta)
}

// updateBegins is how long Swarm may take to begin an update. Until it has, the old tasks look like a finished one; an
// update that changes no task never begins.
const updateBegins = 7 * time.Second

func updated(ctx context.Context, id string, meta any) func() (bool, error) {
	since := time.Now()
	refresh := shim.ServiceUpdated(ctx, id, meta)
	return func() (bool, error) {
		now, _, err := engine(meta).ServiceInspectWithRaw(ctx, id, types.ServiceInspectOptions{})
		if err != nil || (now.UpdateStatus == nil && time.Since(since) < updateBegins) {
			return false, err
		}
		_, state, err := refresh()
		return state == "completed", err
	}
}

func convergence(d *schema.ResourceData) (time.Duration, bool) {
	if _, ok := d.GetOk("converge_config"); !ok {
		return 0, false
	}
	limit, err := time.ParseDuration(d.Get("converge_config.0.timeout").(string))
	return limit, err == nil
}

func notConverged(id string, limit time.Duration, err error) error {
	if err == context.DeadlineExceeded {
		return fmt.Errorf("Service with ID (%s) did not converge after %s", id, limit) //nolint:staticcheck // the official text
	}
	return err
}

func readService(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	var found swarm.Service
	err := until(ctx, removalLimit, func() (bool, error) {
		var err error
		found, err = findService(ctx, engine(meta), d.Id(), d.Get("name").(string))
		return found.Endpoint.Spec.Mode != "" || (found.Spec.EndpointSpec != nil && found.Spec.EndpointSpec.Mode != ""), err
	})
	if errdefs.IsNotFound(err) {
		d.SetId("")
		return nil
	}
	if err != nil {
		return diag.FromErr(err)
	}
	d.SetId(found.ID)
	return set(d, serviceFields(found))
}

// ServiceNow asks the engine once what a service is, and gives what reading it would set.
func ServiceNow(ctx context.Context, meta any, id string) (map[string]any, error) {
	if isAbsent(meta) {
		return nil, errors.New("nobody can be asked")
	}
	found, _, err := engine(meta).ServiceInspectWithRaw(ctx, id, types.ServiceInspectOptions{})
	if err != nil {
		return nil, err
	}
	if found.ID != id {
		return nil, fmt.Errorf("%s is the service %s", id, found.ID)
	}
	return serviceFields(found), nil
}

func serviceFields(found swarm.Service) map[string]any {
	endpoint := shim.FlattenEndpoint(found.Endpoint)
	if found.Endpoint.Spec.Mode == "" {
		endpoint = shim.FlattenEndpointSpec(found.Spec.EndpointSpec)
	}
	return map[string]any{
		"name":            found.Spec.Name,
		"labels":          shim.LabelSet(found.Spec.Labels),
		"task_spec":       taskSpec(found.Spec.TaskTemplate),
		"mode":            shim.FlattenMode(found.Spec.Mode),
		"update_config":   shim.FlattenUpdateConfig(found.Spec.UpdateConfig),
		"rollback_config": shim.FlattenUpdateConfig(found.Spec.RollbackConfig),
		"endpoint_spec":   endpoint,
	}
}

func findService(ctx context.Context, c *client.Client, id, name string) (swarm.Service, error) {
	found, _, err := c.ServiceInspectWithRaw(ctx, id, types.ServiceInspectOptions{})
	if errdefs.IsNotFound(err) && name != "" {
		found, _, err = c.ServiceInspectWithRaw(ctx, name, types.ServiceInspectOptions{})
	}
	return found, err
}

func taskSpec(of swarm.TaskSpec) []any {
	flat := shim.FlattenTaskSpec(of)
	fields := flat[0].(map[string]any)
	delete(fields, "networks")
	networks := []any{}
	for _, one := range of.Networks {
		options := []any{}
		for key, value := range one.DriverOpts {
			options = append(options, key+"="+value)
		}
		networks = append(networks, map[string]any{"id": one.Target, "aliases": anys(one.Aliases), "driver_opts": options})
	}
	fields["networks_advanced"] = networks
	if of.Placement != nil {
		fields["placement"].([]any)[0].(map[string]any)["platforms"] = platforms(of.Placement.Platforms)
	}
	if of.ContainerSpec == nil {
		return flat
	}
	container := fields["container_spec"].([]any)[0].(map[string]any)
	container["cap_add"], container["cap_drop"] = anys(of.ContainerSpec.CapabilityAdd), anys(of.ContainerSpec.CapabilityDrop)
	container["sysctl"] = of.ContainerSpec.Sysctls
	if of.ContainerSpec.Init != nil {
		container["init"] = *of.ContainerSpec.Init
	}
	return flat
}

// deleteService removes the service and waits until its containers on this engine have stopped. Those that outlive
// their grace period are removed, where the official plugin fails.
func deleteService(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	c := engine(meta)
	grace, _ := time.ParseDuration(d.Get("task_spec.0.container_spec.0.stop_grace_period").(string))
	containers := []string{}
	if grace > 0 {
		containers = containersOf(ctx, c, d.Id())
	}
	if err := c.ServiceRemove(ctx, d.Id()); err != nil && !errdefs.IsNotFound(err) {
		return diag.Errorf("Error deleting service with ID '%s': %s", d.Id(), err)
	}
	for _, id := range containers {
		_ = until(ctx, grace+5*time.Second, func() (bool, error) {
			found, err := c.ContainerInspect(ctx, id)
			return err != nil || !found.State.Running, nil
		})
		err := c.ContainerRemove(ctx, id, types.ContainerRemoveOptions{RemoveVolumes: true, Force: true})
		if err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) {
			return diag.Errorf("Error deleting container with ID '%s': %s", id, err)
		}
	}
	d.SetId("")
	return nil
}
