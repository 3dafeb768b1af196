package remote

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"slipway/command/run"
)

// Connection says how to reach a host, through another one if it names a proxy.
type Connection struct {
	Endpoint
	Proxy *ProxyConnection `pulumi:"proxy,optional"`
}

// ProxyConnection says how to reach the host in between.
type ProxyConnection struct{ Endpoint }

// Endpoint is one SSH server and what to log in with. Without a host key the server is not verified, as with the
// official plugin: who connects over a network that others can write to gives one.
type Endpoint struct {
	Host               string   `pulumi:"host"`
	Port               *float64 `pulumi:"port,optional"`
	User               *string  `pulumi:"user,optional"`
	Password           *string  `pulumi:"password,optional" provider:"secret"`
	PrivateKey         *string  `pulumi:"privateKey,optional" provider:"secret"`
	PrivateKeyPassword *string  `pulumi:"privateKeyPassword,optional" provider:"secret"`
	AgentSocketPath    *string  `pulumi:"agentSocketPath,optional"`
	DialErrorLimit     *int     `pulumi:"dialErrorLimit,optional"`
	PerDialTimeout     *int     `pulumi:"perDialTimeout,optional"`
	HostKey            *string  `pulumi:"hostKey,optional"`
}

// Annotate gives the defaults that the SDKs give too.
func (e *Endpoint) Annotate(a infer.Annotator) {
	a.SetDefault(&e.Port, 22)
	a.SetDefault(&e.User, "root")
	a.SetDefault(&e.DialErrorLimit, defaultDialErrors)
	a.SetDefault(&e.PerDialTimeout, 15)
}

const defaultDialErrors = 10

func (e Endpoint) address() string {
	return net.JoinHostPort(e.Host, strconv.Itoa(int(or(e.Port, 22))))
}

func (e Endpoint) dialTimeout() time.Duration {
	return time.Duration(or(e.PerDialTimeout, 15)) * time.Second
}

func or[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}

// errHostKey is final: another attempt meets the same server.
var errHostKey = errors.New("the server's host key is not the expected one")

// login is what an SSH handshake needs, and how to let go of the agent it may ask.
func (e Endpoint) login() (*ssh.ClientConfig, func(), error) {
	config := &ssh.ClientConfig{User: or(e.User, "root"), HostKeyCallback: ssh.InsecureIgnoreHostKey()}
	if err := e.expectHostKey(config); err != nil {
		return nil, nil, err
	}
	if e.PrivateKey != nil {
		signer, err := e.signer()
		if err != nil {
			return nil, nil, fmt.Errorf("the private key cannot be used: %w", err)
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(signer))
	}
	if e.Password != nil {
		config.Auth = append(config.Auth, ssh.Password(*e.Password), ssh.KeyboardInteractive(e.answer))
	}
	release, err := e.useAgent(config)
	return config, release, err
}

func (e Endpoint) expectHostKey(config *ssh.ClientConfig) error {
	if e.HostKey == nil {
		return nil
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(*e.HostKey))
	if err != nil {
		return fmt.Errorf("failed to parse host key: %w", err)
	}
	fixed := ssh.FixedHostKey(key)
	config.HostKeyCallback = func(name string, remote net.Addr, shown ssh.PublicKey) error {
		if fixed(name, remote, shown) != nil {
			return fmt.Errorf("%w: %s shows %s, expected %s", errHostKey, name, ssh.FingerprintSHA256(shown), ssh.FingerprintSHA256(key))
		}
		return nil
	}
	config.HostKeyAlgorithms = []string{key.Type()}
	if key.Type() == ssh.KeyAlgoRSA {
		config.HostKeyAlgorithms = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA}
	}
	return nil
}

func (e Endpoint) signer() (ssh.Signer, error) {
	if e.PrivateKeyPassword != nil {
		return ssh.ParsePrivateKeyWithPassphrase([]byte(*e.PrivateKey), []byte(*e.PrivateKeyPassword))
	}
	return ssh.ParsePrivateKey([]byte(*e.PrivateKey))
}

func (e Endpoint) answer(_, _ string, questions []string, _ []bool) ([]string, error) {
	answers := make([]string, len(questions))
	for i := range answers {
		answers[i] = *e.Password
	}
	return answers, nil
}

func (e Endpoint) useAgent(config *ssh.ClientConfig) (func(), error) {
	path := run.Text(e.AgentSocketPath)
	if path == "" {
		path = os.Getenv("SSH_AUTH_SOCK")
	}
	if path == "" {
		return func() {}, nil
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		return nil, fmt.Errorf("the SSH agent does not answer: %w", err)
	}
	config.Auth = append(config.Auth, ssh.PublicKeysCallback(agent.NewClient(conn).Signers))
	return func() { _ = conn.Close() }, nil
}
