package resources

import (
	"context"
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
