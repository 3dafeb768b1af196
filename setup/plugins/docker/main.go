// A Docker resource plugin for @pulumi/docker 5.2.0, for machines that cannot download the official one.
package main

import "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"

func main() { tfbridge.Main("docker", version, provider(), []byte(`{"name":"docker"}`)) }
