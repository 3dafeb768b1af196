//go:build unix

package local

import (
	"os/exec"
	"syscall"
)

// killGroup makes cancelling end what a shell has started too, not the shell alone.
func killGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}
