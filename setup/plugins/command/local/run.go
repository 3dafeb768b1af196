package local

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"

	"slipway/command/run"
)

// Run is local.run, which runs a command on every preview and update.
type Run struct{}

// RunInputs are the arguments of local.run.
type RunInputs struct {
	Process
	Command                string  `pulumi:"command"`
	Stdin                  *string `pulumi:"stdin,optional"`
	AddPreviousOutputInEnv *bool   `pulumi:"addPreviousOutputInEnv,optional"`
}

// RunOutputs are the result of local.run.
type RunOutputs struct {
	RunInputs
	Results
}

// Invoke runs the command.
func (Run) Invoke(
	ctx context.Context, req infer.FunctionRequest[RunInputs],
) (infer.FunctionResponse[RunOutputs], error) {
	results, err := req.Input.execute(ctx, req.Input.Command, run.Text(req.Input.Stdin), nil)
	return infer.FunctionResponse[RunOutputs]{Output: RunOutputs{req.Input, results}}, err
}
