package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"golang.org/x/crypto/ssh"
)

type dialer = func(ctx context.Context, network, address string) (net.Conn, error)

// dial connects to the host, through the proxy if there is one. The second result closes all of it.
func (c *Connection) dial(ctx context.Context) (*ssh.Client, func(), error) {
	through := dialer((&net.Dialer{}).DialContext)
	closeProxy := func() {}
	if c.Proxy != nil {
		proxy, closer, err := c.Proxy.connect(ctx, "Dial proxy", through)
		if err != nil {
			return nil, nil, fmt.Errorf("proxy: %w", err)
		}
		through, closeProxy = proxy.DialContext, closer
	}
	client, closer, err := c.connect(ctx, "Dial", through)
	if err != nil {
		closeProxy()
		return nil, nil, err
	}
	return client, func() { closer(); closeProxy() }, nil
}

func (e Endpoint) connect(ctx context.Context, what string, through dialer) (*ssh.Client, func(), error) {
	config, release, err := e.login()
	if err != nil {
		return nil, nil, err
	}
	limit := or(e.DialErrorLimit, defaultDialErrors)
	for failed, wait := 0, firstWait; ; wait = min(wait*2, longestWait) {
		client, err := e.attempt(ctx, config, through)
		if err == nil {
			return client, func() { _ = client.Close(); release() }, nil
		}
		failed++
		if errors.Is(err, errHostKey) || (limit >= 0 && failed > limit) || ctx.Err() != nil {
			release()
			return nil, nil, fmt.Errorf("%s: after %d failed attempts: %w", e.address(), failed, err)
		}
		p.GetLogger(ctx).InfoStatusf("%s %d/%s failed: retrying", what, failed, limitText(limit))
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

const (
	firstWait   = 100 * time.Millisecond
	longestWait = 5 * time.Second
)

func limitText(limit int) string {
	if limit < 0 {
		return "inf"
	}
	return fmt.Sprint(limit)
}

// attempt limits the handshake as well as the connection, since a server that accepts and stays silent is down too.
func (e Endpoint) attempt(ctx context.Context, config *ssh.ClientConfig, through dialer) (*ssh.Client, error) {
	dialing := ctx
	if e.dialTimeout() > 0 {
		limited, cancel := context.WithTimeout(ctx, e.dialTimeout())
		defer cancel()
		dialing = limited
	}
	conn, err := through(dialing, "tcp", e.address())
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(dialing, func() { _ = conn.Close() })
	made, channels, requests, err := ssh.NewClientConn(conn, e.address(), config)
	if !stop() && err == nil {
		err = dialing.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return ssh.NewClient(made, channels, requests), nil
}
