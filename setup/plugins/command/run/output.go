// Package run holds what running a command has in common, here or on another host.
package run

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"
)

// Names of the environment variables that carry the previous run's output.
const (
	PreviousStdout = "PULUMI_COMMAND_STDOUT"
	PreviousStderr = "PULUMI_COMMAND_STDERR"
)

// Output gathers what a command prints, and passes it on to the engine's log line by line.
type Output struct {
	Stdout, Stderr io.Writer
	stdout, stderr bytes.Buffer
	both           bytes.Buffer
	mutex          sync.Mutex
	lines          []*lineWriter
}

// NewOutput gathers both streams; of each, it logs only what logging says.
func NewOutput(ctx context.Context, logging string) *Output {
	o := &Output{}
	o.Stdout = o.stream(ctx, &o.stdout, logs(logging, "stdout"))
	o.Stderr = o.stream(ctx, &o.stderr, logs(logging, "stderr"))
	return o
}

func logs(logging, stream string) bool {
	return logging == "" || logging == stream || logging == "stdoutAndStderr"
}

func (o *Output) stream(ctx context.Context, own *bytes.Buffer, logged bool) io.Writer {
	writers := []io.Writer{own, &o.both}
	if logged {
		lines := &lineWriter{write: func(line string) { p.GetLogger(ctx).Info(line) }}
		o.lines = append(o.lines, lines)
		writers = append(writers, lines)
	}
	return &lockedWriter{mutex: &o.mutex, to: io.MultiWriter(writers...)}
}

// Close logs what is left of lines that had no end.
func (o *Output) Close() {
	for _, lines := range o.lines {
		lines.flush()
	}
}

// Texts are both streams without the newline that ends them.
func (o *Output) Texts() (stdout, stderr string) {
	return strings.TrimSuffix(o.stdout.String(), "\n"), strings.TrimSuffix(o.stderr.String(), "\n")
}

// Failure tells why a command failed, with all that it printed.
func (o *Output) Failure(err error, command string) error {
	return fmt.Errorf("%w: running %q:\n%s", err, command, o.both.String())
}

type lockedWriter struct {
	mutex *sync.Mutex
	to    io.Writer
}

func (w *lockedWriter) Write(bytes []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.to.Write(bytes)
}

type lineWriter struct {
	write func(line string)
	rest  []byte
}

func (w *lineWriter) Write(added []byte) (int, error) {
	w.rest = append(w.rest, added...)
	for {
		line, rest, found := bytes.Cut(w.rest, []byte("\n"))
		if !found {
			return len(added), nil
		}
		w.write(strings.TrimSuffix(string(line), "\r"))
		w.rest = rest
	}
}

func (w *lineWriter) flush() {
	if len(w.rest) > 0 {
		w.write(string(w.rest))
		w.rest = nil
	}
}
