// Package remote runs commands on other hosts over SSH and copies files to them. Its name is part of the resources'
// tokens.
package remote

import (
	"context"
	"fmt"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"golang.org/x/crypto/ssh"

	"slipway/command/run"
)

// Logging says which streams of a command the engine's log shows.
type Logging string

// Values lists what Logging may be.
func (Logging) Values() []infer.EnumValue[Logging] { return run.LoggingValues[Logging]() }

// Command is remote.Command.
type Command struct{}

// CommandInputs are the arguments of remote.Command.
type CommandInputs struct {
	run.Inputs
	Logging     *Logging          `pulumi:"logging,optional"`
	Connection  *Connection       `pulumi:"connection" provider:"secret"`
	Environment map[string]string `pulumi:"environment,optional"`
}

// CommandOutputs are the state of remote.Command.
type CommandOutputs struct {
	CommandInputs
	run.Outputs
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
	state := CommandOutputs{CommandInputs: req.Inputs, Outputs: req.State.Outputs}
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
	client, closeAll, err := out.Connection.dial(ctx)
	if err != nil {
		return err
	}
	defer closeAll()
	session, err := client.NewSession()
	if err != nil {
		return err
	}
	defer session.Close()
	if err := out.setEnvironment(ctx, session); err != nil {
		return err
	}
	if stdin := run.Text(out.Stdin); stdin != "" {
		session.Stdin = strings.NewReader(stdin)
	}
	output := run.NewOutput(ctx, run.Text(out.Logging))
	session.Stdout, session.Stderr = output.Stdout, output.Stderr
	stop := context.AfterFunc(ctx, closeAll)
	defer stop()
	err = session.Run(*command)
	output.Close()
	if err != nil {
		return output.Failure(err, *command)
	}
	out.Stdout, out.Stderr = output.Texts()
	return nil
}

const notAccepted = "Unable to set '%s'. This only works if your SSH server is configured to accept these variables " +
	"via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could prefix the " +
	"command itself with the variables in the form 'VAR=value command'"

// setEnvironment insists on the variables that were asked for; those about the previous run are a courtesy.
func (out *CommandOutputs) setEnvironment(ctx context.Context, session *ssh.Session) error {
	for name, value := range out.Environment {
		if err := session.Setenv(name, value); err != nil {
			p.GetLogger(ctx).Error(fmt.Sprintf(notAccepted, name))
			return fmt.Errorf("could not set environment variable %q: %w", name, err)
		}
	}
	for name, value := range out.Previous(out.AddPreviousOutputInEnv) {
		if err := session.Setenv(name, value); err != nil {
			p.GetLogger(ctx).Warning(fmt.Sprintf(notAccepted, name))
		}
	}
	return nil
}
