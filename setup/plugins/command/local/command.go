// Package local runs commands on this machine. Its name is part of the resources' tokens.
package local

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"slipway/command/run"
)

// Logging says which streams of a command the engine's log shows.
type Logging string

// Values lists what Logging may be.
func (Logging) Values() []infer.EnumValue[Logging] { return run.LoggingValues[Logging]() }

// Command is local.Command.
type Command struct{}

// CommandInputs are the arguments of local.Command.
type CommandInputs struct {
	run.Inputs
	Process
}

// CommandOutputs are the state of local.Command.
type CommandOutputs struct {
	CommandInputs
	Results
}

// Create runs `create`.
func (Command) Create(
	ctx context.Context, req infer.CreateRequest[CommandInputs],
) (infer.CreateResponse[CommandOutputs], error) {
	id, err := resource.NewUniqueHex(req.Name, 8, 0)
	state := CommandOutputs{CommandInputs: req.Inputs}
	if err == nil && !req.DryRun {
		err = state.execute(ctx, req.Inputs.Create)
	}
	return infer.CreateResponse[CommandOutputs]{ID: id, Output: state}, err
}

// Update runs `update`, or else `create` once more.
func (Command) Update(
	ctx context.Context, req infer.UpdateRequest[CommandInputs, CommandOutputs],
) (infer.UpdateResponse[CommandOutputs], error) {
	state := CommandOutputs{CommandInputs: req.Inputs, Results: req.State.Results}
	var err error
	if !req.DryRun {
		err = state.execute(ctx, req.Inputs.ForUpdate())
	}
	return infer.UpdateResponse[CommandOutputs]{Output: state}, err
}

// Delete runs `delete` with what the state says, since there are no inputs any more.
func (Command) Delete(ctx context.Context, req infer.DeleteRequest[CommandOutputs]) (infer.DeleteResponse, error) {
	state := req.State
	return infer.DeleteResponse{}, state.execute(ctx, state.Delete)
}

func (out *CommandOutputs) execute(ctx context.Context, command *string) error {
	if command == nil {
		return nil
	}
	environment := out.Previous(out.AddPreviousOutputInEnv)
	results, err := out.Process.execute(ctx, *command, run.Text(out.Stdin), environment)
	if err == nil {
		out.Results = results
	}
	return err
}
