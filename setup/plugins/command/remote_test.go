package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	remoteCommand = "remote:Command"
	copyToRemote  = "remote:CopyToRemote"
)

func TestARemoteCommandRunsWithEachLogin(t *testing.T) {
	server := startServer(t)
	key, agent := server.newKey(t, ""), server.startAgent(t)
	for name, login := range map[string]fields{
		"password":      {"password": server.password},
		"key":           {"privateKey": key},
		"encrypted key": {"privateKey": server.newKey(t, "phrase"), "privateKeyPassword": "phrase"},
		"agent":         {"agentSocketPath": agent},
	} {
		t.Run(name, func(t *testing.T) {
			made := newPlugin(t, remoteCommand).mustCreate(fields{
				"connection": server.connection(login), "create": `echo "hello $GREETED"; cat; echo oops >&2`,
				"environment": fields{"GREETED": "you"}, "stdin": "from stdin",
			})
			equal(t, "stdout", text(t, made, "stdout"), "hello you\nfrom stdin")
			equal(t, "stderr", text(t, made, "stderr"), "oops")
		})
	}
}

func TestAConnectionIsASecret(t *testing.T) {
	server := startServer(t)
	plugin := newPlugin(t, remoteCommand)
	inputs := plugin.inputs(fields{"connection": server.connection(fields{"password": server.password}), "create": "true"})
	equal(t, "secret", inputs.Get("connection").Secret(), true)
}

func TestAServerWithAnotherHostKeyIsRefusedAtOnce(t *testing.T) {
	server, other := startServer(t), startServer(t)
	connection := server.connection(fields{"password": server.password, "hostKey": other.hostKey})
	_, err := newPlugin(t, remoteCommand).create(fields{"connection": connection, "create": "true"})
	if err == nil {
		t.Fatal("no error")
	}
	contains(t, err.Error(), "after 1 failed attempts")
	contains(t, err.Error(), "host key")
}

func TestAWrongPasswordFailsAfterTheLimit(t *testing.T) {
	server := startServer(t)
	connection := server.connection(fields{"password": "wrong", "dialErrorLimit": 1})
	_, err := newPlugin(t, remoteCommand).create(fields{"connection": connection, "create": "true"})
	if err == nil {
		t.Fatal("no error")
	}
	contains(t, err.Error(), "after 2 failed attempts")
}

func TestAProxyLeadsToTheServer(t *testing.T) {
	server, proxy := startServer(t), startServer(t)
	connection := server.connection(fields{"password": server.password})
	connection["proxy"] = proxy.connection(fields{"password": proxy.password})
	made := newPlugin(t, remoteCommand).mustCreate(fields{"connection": connection, "create": "echo through"})
	equal(t, "stdout", text(t, made, "stdout"), "through")
	equal(t, "forwarded", proxy.forwarded.Load(), 1)
}

func TestARemoteUpdateAndDeleteKnowTheOutputBefore(t *testing.T) {
	server := startServer(t)
	file := filepath.Join(t.TempDir(), "deleted")
	before := fields{
		"connection": server.connection(fields{"password": server.password}), "create": "echo a",
		"update": `echo "b after $PULUMI_COMMAND_STDOUT"`, "delete": `echo "gone after $PULUMI_COMMAND_STDOUT" > ` + file,
	}
	plugin := newPlugin(t, remoteCommand)
	now := fields{"create": "echo c"}
	for name, field := range before {
		if name != "create" {
			now[name] = field
		}
	}
	made := plugin.update(before, now, plugin.mustCreate(before))
	equal(t, "stdout", text(t, made, "stdout"), "b after a")
	plugin.remove(made)
	said, err := os.ReadFile(file)
	must(t, err)
	equal(t, "deleted", string(said), "gone after b after a\n")
}

func TestARemoteFailureTellsWhatWasPrintedAndNoneKeepsItOutOfTheLog(t *testing.T) {
	server := startServer(t)
	plugin := newPlugin(t, remoteCommand)
	connection := server.connection(fields{"password": server.password})
	_, err := plugin.create(fields{"connection": connection, "create": "echo out; exit 3", "logging": "none"})
	if err == nil {
		t.Fatal("no error")
	}
	contains(t, err.Error(), "out")
	equal(t, "logged", strings.Contains(plugin.log.String(), "out"), false)
}

func TestASourceIsCopied(t *testing.T) {
	source := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(source, "deep"), 0o755))
	must(t, os.WriteFile(filepath.Join(source, "a"), []byte("a"), 0o644))
	must(t, os.WriteFile(filepath.Join(source, "deep", "b"), []byte("b"), 0o644))
	file, err := resource.NewPathAsset(filepath.Join(source, "a"))
	must(t, err)
	textAsset, err := resource.NewTextAsset("text")
	must(t, err)
	folder, err := resource.NewPathArchive(source)
	must(t, err)
	inside, err := resource.NewPathArchive(source + "/")
	must(t, err)
	assets, err := resource.NewAssetArchive(map[string]any{"x/y": textAsset})
	must(t, err)
	for _, c := range []struct {
		name         string
		source       any
		exists       bool
		to, at, want string
	}{
		{"a file to a new path", file, false, "new/name", "new/name", "a"},
		{"a file into a folder", file, true, "there", "there/a", "a"},
		{"a text", textAsset, false, "new/text", "new/text", "text"},
		{"a folder into a new folder", folder, false, "new", "new/" + filepath.Base(source) + "/deep/b", "b"},
		{"a folder into a folder", folder, true, "there", "there/" + filepath.Base(source) + "/a", "a"},
		{"what is in a folder", inside, true, "there", "there/deep/b", "b"},
		{"an archive of assets", assets, false, "new", "new/x/y", "text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := startServer(t)
			target := t.TempDir()
			if c.exists {
				must(t, os.Mkdir(filepath.Join(target, c.to), 0o755))
			}
			newPlugin(t, copyToRemote).mustCreate(fields{
				"connection": server.connection(fields{"password": server.password}),
				"source":     c.source, "remotePath": filepath.Join(target, c.to),
			})
			content, err := os.ReadFile(filepath.Join(target, c.at))
			must(t, err)
			equal(t, "content", string(content), c.want)
		})
	}
}

func TestAnUpdateCopiesOnlyWhatChanged(t *testing.T) {
	server := startServer(t)
	target := filepath.Join(t.TempDir(), "file")
	copyOf := func(content string) fields {
		asset, err := resource.NewTextAsset(content)
		must(t, err)
		connection := server.connection(fields{"password": server.password})
		return fields{"connection": connection, "source": asset, "remotePath": target}
	}
	plugin := newPlugin(t, copyToRemote)
	state := plugin.mustCreate(copyOf("one"))
	must(t, os.WriteFile(target, []byte("changed there"), 0o644))
	plugin.update(copyOf("one"), copyOf("one"), state)
	content, _ := os.ReadFile(target)
	equal(t, "same source", string(content), "changed there")
	plugin.update(copyOf("one"), copyOf("two"), state)
	content, _ = os.ReadFile(target)
	equal(t, "new source", string(content), "two")
}
