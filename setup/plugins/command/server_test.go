package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// sshServer runs commands on this machine for whoever logs in.
type sshServer struct {
	host      string
	port      int
	password  string
	hostKey   string
	forwarded atomicInt
	mutex     sync.Mutex
	keys      map[string]bool
}

type atomicInt struct{ value atomic.Int64 }

func (a *atomicInt) Load() int { return int(a.value.Load()) }

func startServer(t *testing.T) *sshServer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	signer, err := ssh.NewSignerFromKey(private)
	must(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	address := listener.Addr().(*net.TCPAddr)
	s := &sshServer{
		host: "127.0.0.1", port: address.Port, password: "open sesame", keys: map[string]bool{},
		hostKey: string(ssh.MarshalAuthorizedKey(signer.PublicKey())),
	}
	config := &ssh.ServerConfig{PasswordCallback: s.checkPassword, PublicKeyCallback: s.checkKey}
	config.AddHostKey(signer)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(conn, config)
		}
	}()
	return s
}

func (s *sshServer) connection(login fields) fields {
	made := fields{"host": s.host, "port": s.port, "user": "someone", "hostKey": s.hostKey}
	for name, field := range login {
		made[name] = field
	}
	return made
}

func (s *sshServer) checkPassword(_ ssh.ConnMetadata, given []byte) (*ssh.Permissions, error) {
	if string(given) != s.password {
		return nil, errors.New("wrong password")
	}
	return nil, nil
}

func (s *sshServer) checkKey(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !s.keys[string(key.Marshal())] {
		return nil, errors.New("unknown key")
	}
	return nil, nil
}

func (s *sshServer) allow(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	signer, err := ssh.NewSignerFromKey(private)
	must(t, err)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.keys[string(signer.PublicKey().Marshal())] = true
	return private
}

func (s *sshServer) newKey(t *testing.T, phrase string) string {
	t.Helper()
	private := s.allow(t)
	var block *pem.Block
	var err error
	if phrase == "" {
		block, err = ssh.MarshalPrivateKey(private, "")
	} else {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte(phrase))
	}
	must(t, err)
	return string(pem.EncodeToMemory(block))
}

func (s *sshServer) startAgent(t *testing.T) string {
	t.Helper()
	ring := agent.NewKeyring()
	must(t, ring.Add(agent.AddedKey{PrivateKey: s.allow(t)}))
	folder, err := os.MkdirTemp("", "agent")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	listener, err := net.Listen("unix", filepath.Join(folder, "socket"))
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(ring, conn) }()
		}
	}()
	return listener.Addr().String()
}

func (s *sshServer) serve(conn net.Conn, config *ssh.ServerConfig) {
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for opened := range channels {
		switch opened.ChannelType() {
		case "session":
			channel, requests, err := opened.Accept()
			if err == nil {
				go session(channel, requests)
			}
		case "direct-tcpip":
			s.forwarded.value.Add(1)
			go forward(opened)
		default:
			_ = opened.Reject(ssh.UnknownChannelType, "")
		}
	}
}

func session(channel ssh.Channel, requests <-chan *ssh.Request) {
	environment := os.Environ()
	for request := range requests {
		switch request.Type {
		case "env":
			var variable struct{ Name, Value string }
			_ = ssh.Unmarshal(request.Payload, &variable)
			environment = append(environment, variable.Name+"="+variable.Value)
			_ = request.Reply(true, nil)
		case "exec":
			var command struct{ Text string }
			_ = ssh.Unmarshal(request.Payload, &command)
			_ = request.Reply(true, nil)
			go execute(channel, command.Text, environment)
		case "subsystem":
			_ = request.Reply(true, nil)
			go serveFiles(channel)
		default:
			_ = request.Reply(false, nil)
		}
	}
}

func execute(channel ssh.Channel, text string, environment []string) {
	command := exec.Command("/bin/sh", "-c", text)
	command.Env, command.Stdin, command.Stdout, command.Stderr = environment, channel, channel, channel.Stderr()
	var status struct{ Code uint32 }
	var failed *exec.ExitError
	if errors.As(command.Run(), &failed) {
		status.Code = uint32(failed.ExitCode())
	}
	_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(&status))
	_ = channel.Close()
}

func serveFiles(channel ssh.Channel) {
	server, err := sftp.NewServer(channel)
	if err == nil {
		_ = server.Serve()
	}
	_ = channel.Close()
}

func forward(opened ssh.NewChannel) {
	var to struct {
		Host string
		Port uint32
		From string
		At   uint32
	}
	_ = ssh.Unmarshal(opened.ExtraData(), &to)
	conn, err := net.Dial("tcp", fmt.Sprintf("%s:%d", to.Host, to.Port))
	if err != nil {
		_ = opened.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	channel, requests, err := opened.Accept()
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	go func() { _, _ = io.Copy(channel, conn); _ = channel.Close() }()
	_, _ = io.Copy(conn, channel)
	_ = conn.Close()
}
