package resources

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/docker/docker/client"
	"github.com/docker/docker/errdefs"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

type operation = func(context.Context, *schema.ResourceData, any) diag.Diagnostics

type inspection = func(ctx context.Context, c *client.Client, id string) error

// mindGone makes reading and deleting tell "it is not there" from "the engine cannot be asked": kreuzwerker's
// provider takes either for the other, which drops what exists from the state, or fails to delete what is gone.
func mindGone(r *schema.Resource, inspect inspection) {
	r.ReadContext = unlessGone(inspect, r.ReadContext)
	r.DeleteContext = unlessGone(inspect, r.DeleteContext)
}

func unlessGone(inspect inspection, next operation) operation {
	return func(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
		err := inspect(ctx, engine(meta), d.Id())
		if errdefs.IsNotFound(err) {
			d.SetId("")
			return nil
		}
		if err != nil {
			return diag.FromErr(err)
		}
		return next(ctx, d, meta)
	}
}

// keptWithoutEngine lets what was in an engine that is not there any more stay as it is known. Otherwise nobody could
// look at a stack that made its engines, when one is gone: it could neither be made again nor be destroyed. The engine
// is not asked first, since a client that has asked one in vain speaks the oldest version of the API ever after.
func keptWithoutEngine(read operation) operation {
	return func(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
		if !isAbsent(meta) {
			return read(ctx, d, meta)
		}
		return diag.Diagnostics{{
			Severity: diag.Warning,
			Summary:  "No engine at " + engine(meta).DaemonHost() + ": " + d.Id() + " is taken to be as it was",
		}}
	}
}

// isAbsent says that nobody is where the engine should be.
func isAbsent(meta any) bool {
	host := engine(meta).DaemonHost()
	return !isOfMachine(host) && nobodyListens(host)
}

// isOfMachine is whether the address is the one that is used when none is given. That engine being down is an error.
func isOfMachine(host string) bool {
	return host == client.DefaultDockerHost || host == os.Getenv("DOCKER_HOST")
}

func nobodyListens(host string) bool {
	path, isSocket := strings.CutPrefix(host, "unix://")
	if !isSocket {
		return false
	}
	connection, err := net.Dial("unix", path)
	if err != nil {
		return errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ECONNREFUSED)
	}
	_ = connection.Close()
	return false
}

const pollInterval = 200 * time.Millisecond

// until asks at once and then again and again, where the provider waits for seconds before it asks for the first time.
func until(ctx context.Context, limit time.Duration, reached func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		if done, err := reached(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollInterval):
		}
	}
}
