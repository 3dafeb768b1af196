package main

import (
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
)

const version = "5.2.0"

type (
	fields = map[string]*tfbridge.SchemaInfo
	info   = tfbridge.ResourceInfo
)

// provider gives Terraform's resources the names that the official plugin gives them.
func provider(terraform *schema.Provider) tfbridge.ProviderInfo {
	p := tfbridge.ProviderInfo{
		P:       shimv2.NewProvider(terraform),
		Name:    "docker",
		Version: version,
		Config:  fields{"registry_auth": {Name: "registryAuth", MaxItemsOne: tfbridge.False()}},
		Resources: map[string]*info{
			"docker_config": {Tok: "docker:index/serviceConfig:ServiceConfig"},
			"docker_container": {
				DeleteBeforeReplace: true,
				Fields:              fields{"command": {Name: "command"}, "networks_advanced": {Name: "networksAdvanced"}},
			},
			"docker_image": {Tok: "docker:index/remoteImage:RemoteImage", Fields: fields{"name": {Name: "name"}}},
		},
		DataSources:  map[string]*tfbridge.DataSourceInfo{"docker_image": {Tok: "docker:index/getRemoteImage:getRemoteImage"}},
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
	}
	p.MustComputeTokens(tokens.SingleModule("docker_", "index", tokens.MakeStandard("docker")))
	p.SetAutonaming(255, "-")
	refuseUnknown(&p)
	return p
}
