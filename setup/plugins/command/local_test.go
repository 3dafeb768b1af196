package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	engine "github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

const localCommand = "local:Command"

func TestCreateRunsInItsFolderWithItsEnvironmentAndInput(t *testing.T) {
	folder := t.TempDir()
	made := newPlugin(t, localCommand).mustCreate(fields{
		"create":      `pwd; echo "$GREETING"; cat; echo oops >&2`,
		"dir":         folder,
		"environment": fields{"GREETING": "hello"},
		"stdin":       "from stdin",
	})
	equal(t, "stdout", text(t, made, "stdout"), folder+"\nhello\nfrom stdin")
	equal(t, "stderr", text(t, made, "stderr"), "oops")
}

func TestTheInterpreterGetsTheCommandLast(t *testing.T) {
	made := newPlugin(t, localCommand).mustCreate(fields{
		"create": "said", "interpreter": []any{"/bin/sh", "-c", `echo "$0"`},
	})
	equal(t, "stdout", text(t, made, "stdout"), "said")
}

func TestNothingToCreateLeavesEmptyOutput(t *testing.T) {
	made := newPlugin(t, localCommand).mustCreate(fields{"delete": "true"})
	equal(t, "stdout", text(t, made, "stdout"), "")
}

func TestAFailureTellsWhatWasPrinted(t *testing.T) {
	_, err := newPlugin(t, localCommand).create(fields{"create": "echo out; echo err >&2; exit 3"})
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{"exit status 3", "out", "err"} {
		contains(t, err.Error(), part)
	}
}

func TestAMissingFolderIsAnError(t *testing.T) {
	if _, err := newPlugin(t, localCommand).create(fields{"create": "true", "dir": "/does/not/exist"}); err == nil {
		t.Fatal("no error")
	}
}

func TestUpdateRunsUpdateOrElseCreateAndKnowsTheOutputBefore(t *testing.T) {
	for _, c := range []struct {
		name   string
		inputs fields
		want   string
	}{
		{"update", fields{"create": "echo a", "update": `echo "b after $PULUMI_COMMAND_STDOUT"`}, "b after a"},
		{"create", fields{"create": `echo "c after $PULUMI_COMMAND_STDOUT"`}, "c after a"},
		{"not told", fields{"create": `echo "c after $PULUMI_COMMAND_STDOUT"`, "addPreviousOutputInEnv": false}, "c after "},
		{"neither", fields{"delete": "true"}, "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			plugin := newPlugin(t, localCommand)
			first := fields{"create": "echo a"}
			made := plugin.update(first, c.inputs, plugin.mustCreate(first))
			equal(t, "stdout", text(t, made, "stdout"), c.want)
		})
	}
}

func TestDeleteRunsWithTheStatesEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "deleted")
	plugin := newPlugin(t, localCommand)
	made := plugin.mustCreate(fields{
		"create": "echo made", "delete": `echo "$A $PULUMI_COMMAND_STDOUT" > "$FILE"`,
		"environment": fields{"A": "kept", "FILE": file},
	})
	plugin.remove(made)
	said, err := os.ReadFile(file)
	must(t, err)
	equal(t, "deleted", string(said), "kept made\n")
}

// That a changed trigger replaces the resource is for the SDKs to say, which they do with replaceOnChanges.
func TestAChangedTriggerAndAChangedCommandAreChanges(t *testing.T) {
	plugin := newPlugin(t, localCommand)
	before := fields{"create": "echo a", "triggers": []any{"one", 1}}
	state := plugin.mustCreate(before)
	for _, c := range []struct {
		now     fields
		changes pulumirpc.DiffResponse_DiffChanges
	}{
		{before, pulumirpc.DiffResponse_DIFF_NONE},
		{fields{"create": "echo a", "triggers": []any{"two", 1}}, pulumirpc.DiffResponse_DIFF_SOME},
		{fields{"create": "echo b", "triggers": []any{"one", 1}}, pulumirpc.DiffResponse_DIFF_SOME},
	} {
		equal(t, "changes", plugin.diff(before, c.now, state).Changes, c.changes)
	}
}

func TestAPreviewRunsNothingAndKnowsOnlyWhatStays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ran")
	plugin := newPlugin(t, localCommand)
	inputs := fields{"create": "touch " + file}
	made, err := plugin.server.Create(context.Background(), p.CreateRequest{Urn: plugin.urn, Properties: plugin.inputs(inputs), DryRun: true})
	must(t, err)
	if _, err := os.Stat(file); err == nil {
		t.Fatal("a preview ran the command")
	}
	equal(t, "stdout is unknown", made.Properties.Get("stdout").IsComputed(), true)
	equal(t, "create is known", text(t, made.Properties, "create"), "touch "+file)

	state := plugin.mustCreate(fields{"create": "echo a"})
	updated, err := plugin.server.Update(context.Background(), p.UpdateRequest{
		ID: "it", Urn: plugin.urn, State: state, DryRun: true,
		Inputs: plugin.inputs(fields{"create": "echo b"}), OldInputs: plugin.inputs(fields{"create": "echo a"}),
	})
	must(t, err)
	equal(t, "stdout is unknown", updated.Properties.Get("stdout").IsComputed(), true)
}

func TestLoggingSaysWhatTheLogShows(t *testing.T) {
	for logging, want := range map[string][2]bool{
		"": {true, true}, "stdoutAndStderr": {true, true}, "stdout": {true, false}, "stderr": {false, true}, "none": {false, false},
	} {
		t.Run("logging "+logging, func(t *testing.T) {
			plugin := newPlugin(t, localCommand)
			inputs := fields{"create": "echo hush-out; echo hush-err >&2"}
			if logging != "" {
				inputs["logging"] = logging
			}
			made := plugin.mustCreate(inputs)
			equal(t, "stdout", text(t, made, "stdout"), "hush-out")
			log := plugin.log.String()
			equal(t, "stdout in log", strings.Contains(log, "hush-out"), want[0])
			equal(t, "stderr in log", strings.Contains(log, "hush-err"), want[1])
		})
	}
}

func TestPathsBecomeAssetsAndAnArchive(t *testing.T) {
	folder := t.TempDir()
	plugin := newPlugin(t, localCommand)
	made := plugin.mustCreate(fields{
		"create":       "mkdir -p src/deep; touch src/a.js src/deep/b.js src/secret.js top.txt",
		"dir":          folder,
		"assetPaths":   []any{"src/**.js", "!**secret*"},
		"archivePaths": []any{"*.txt"},
	})
	assets := made.Get("assets").AsMap()
	equal(t, "assets", assets.Len(), 2)
	equal(t, "path", assets.Get("src/deep/b.js").AsAsset().Path, filepath.Join(folder, "src/deep/b.js"))
	received, err := engine.UnmarshalProperties(plugin.wire(made), engine.MarshalOptions{})
	must(t, err)
	content, ok := received["archive"].ArchiveValue().GetAssets()
	equal(t, "archive", ok && len(content) == 1 && content["top.txt"] != nil, true)
}

func TestRunAnswersAtOnce(t *testing.T) {
	plugin := newPlugin(t, localCommand)
	answer, err := plugin.server.Invoke(context.Background(), p.InvokeRequest{
		Token: "command:local:run", Args: properties(fields{"command": "cat", "stdin": "said"}),
	})
	must(t, err)
	equal(t, "stdout", text(t, answer.Return, "stdout"), "said")
}
