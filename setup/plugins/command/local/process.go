package local

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"slipway/command/run"
)

// Process says how a command is run and which files it leaves behind.
type Process struct {
	Logging      *Logging           `pulumi:"logging,optional"`
	Interpreter  *[]string          `pulumi:"interpreter,optional"`
	Dir          *string            `pulumi:"dir,optional"`
	Environment  *map[string]string `pulumi:"environment,optional"`
	AssetPaths   *[]string          `pulumi:"assetPaths,optional"`
	ArchivePaths *[]string          `pulumi:"archivePaths,optional"`
}

// Results are what a command printed and the files it left.
type Results struct {
	run.Outputs
	Assets  *map[string]*types.AssetOrArchive `pulumi:"assets,optional"`
	Archive *resource.Archive                 `pulumi:"archive,optional"`
}

// orphanLimit is how long a cancelled command's children may hold its output open before they are left behind.
const orphanLimit = 5 * time.Second

func (p Process) execute(ctx context.Context, command, stdin string, previous map[string]string) (Results, error) {
	argv := append(p.interpreter(), command)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.WaitDelay = orphanLimit
	killGroup(cmd)
	cmd.Dir = run.Text(p.Dir)
	cmd.Env = p.environment(previous)
	if stdin != "" {
		cmd.Stdin = strings.NewReader(stdin)
	}
	output := run.NewOutput(ctx, run.Text(p.Logging))
	cmd.Stdout, cmd.Stderr = output.Stdout, output.Stderr
	err := cmd.Run()
	output.Close()
	if err != nil {
		return Results{}, output.Failure(err, command)
	}
	results := Results{}
	results.Stdout, results.Stderr = output.Texts()
	return results, p.collect(&results)
}

func (p Process) interpreter() []string {
	if p.Interpreter != nil && len(*p.Interpreter) > 0 {
		return append([]string{}, *p.Interpreter...)
	}
	if runtime.GOOS == "windows" {
		return []string{"cmd", "/C"}
	}
	return []string{"/bin/sh", "-c"}
}

func (p Process) environment(previous map[string]string) []string {
	made := os.Environ()
	if p.Environment != nil {
		for name, value := range *p.Environment {
			made = append(made, name+"="+value)
		}
	}
	for name, value := range previous {
		made = append(made, name+"="+value)
	}
	return made
}
