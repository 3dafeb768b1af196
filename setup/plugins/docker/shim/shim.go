// Package shim opens the parts of kreuzwerker's Terraform provider that this plugin is made of. They are internal to
// that module, which is why this module's path lies inside of it, and most of them are not exported, which is why they
// are linked by name; the version is pinned by its hash, so a name or a signature cannot change underneath.
package shim

import (
	_ "unsafe" // for go:linkname

	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/swarm"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/resource"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"

	"context"
)

// What the provider is configured with, and what its resources are then given.
type (
	Config         = provider.Config
	ProviderConfig = provider.ProviderConfig
	AuthConfigs    = provider.AuthConfigs
)

// NewProvider is the provider as it was published.
func NewProvider() *schema.Provider { return provider.New("dev")() }

//go:linkname RegistryAuth github.com/terraform-providers/terraform-provider-docker/internal/provider.providerSetToRegistryAuth
func RegistryAuth(list *schema.Set) (*provider.AuthConfigs, error)

//go:linkname ServiceSpec github.com/terraform-providers/terraform-provider-docker/internal/provider.createServiceSpec
func ServiceSpec(d *schema.ResourceData) (swarm.ServiceSpec, error)

//go:linkname ServiceAuth github.com/terraform-providers/terraform-provider-docker/internal/provider.retrieveAndMarshalAuth
func ServiceAuth(d *schema.ResourceData, meta any, stage string) []byte

//go:linkname ServiceCreated github.com/terraform-providers/terraform-provider-docker/internal/provider.resourceDockerServiceCreateRefreshFunc
func ServiceCreated(ctx context.Context, id string, meta any) resource.StateRefreshFunc

//go:linkname ServiceUpdated github.com/terraform-providers/terraform-provider-docker/internal/provider.resourceDockerServiceUpdateRefreshFunc
func ServiceUpdated(ctx context.Context, id string, meta any) resource.StateRefreshFunc

//go:linkname FlattenTaskSpec github.com/terraform-providers/terraform-provider-docker/internal/provider.flattenTaskSpec
func FlattenTaskSpec(in swarm.TaskSpec) []any

//go:linkname FlattenMode github.com/terraform-providers/terraform-provider-docker/internal/provider.flattenServiceMode
func FlattenMode(in swarm.ServiceMode) []any

//go:linkname FlattenUpdateConfig github.com/terraform-providers/terraform-provider-docker/internal/provider.flattenServiceUpdateOrRollbackConfig
func FlattenUpdateConfig(in *swarm.UpdateConfig) []any

//go:linkname FlattenEndpoint github.com/terraform-providers/terraform-provider-docker/internal/provider.flattenServiceEndpoint
func FlattenEndpoint(in swarm.Endpoint) []any

//go:linkname FlattenEndpointSpec github.com/terraform-providers/terraform-provider-docker/internal/provider.flattenServiceEndpointSpec
func FlattenEndpointSpec(in *swarm.EndpointSpec) []any

//go:linkname LabelSet github.com/terraform-providers/terraform-provider-docker/internal/provider.mapToLabelSet
func LabelSet(labels map[string]string) *schema.Set

//go:linkname LabelMap github.com/terraform-providers/terraform-provider-docker/internal/provider.labelSetToMap
func LabelMap(labels *schema.Set) map[string]string

//go:linkname IPAMConfigs github.com/terraform-providers/terraform-provider-docker/internal/provider.ipamConfigSetToIpamConfigs
func IPAMConfigs(set *schema.Set) []network.IPAMConfig

//go:linkname NetworkRead github.com/terraform-providers/terraform-provider-docker/internal/provider.resourceDockerNetworkReadRefreshFunc
func NetworkRead(ctx context.Context, d *schema.ResourceData, meta any) resource.StateRefreshFunc
