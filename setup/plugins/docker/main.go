// A Docker resource plugin for @pulumi/docker 5.2.0, for machines that cannot download the official one.
package main

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	pulumi "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func main() {
	err := pulumi.Main("docker", func(host *pulumi.HostClient) (pulumirpc.ResourceProviderServer, error) {
		return newServer(context.Background(), host), nil
	})
	if err != nil {
		cmdutil.ExitError(err.Error())
	}
}
