// A command resource plugin for @pulumi/command 1.2.1, for machines that cannot download the official one.
package main

import (
	"context"
	"fmt"
	"os"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"

	"slipway/command/local"
	"slipway/command/remote"
)

const version = "1.2.1"

func main() {
	made, err := build()
	if err == nil {
		err = made.Run(context.Background(), "command", version)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func build() (provider.Provider, error) {
	return infer.NewProviderBuilder().
		WithNamespace("pulumi").
		WithResources(infer.Resource(local.Command{}), infer.Resource(remote.Command{}), infer.Resource(remote.CopyToRemote{})).
		WithFunctions(infer.Function(local.Run{})).
		Build()
}
