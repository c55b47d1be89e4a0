// Command pod-dial connects to a TCP port on the loopback of the network namespace that it is started in, and joins the
// connection with the socket that it was given as descriptor 3, each direction up to its own end. It says "connected" on
// stdout once it is; on stderr why it cannot be, with exit code 1. It ends with the process that started it.
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// version is set by the build.
var version = "v0.0.0"

const (
	peerDescriptor = 3
	dialTimeout    = 10 * time.Second
	prSetPdeathsig = 1
)

type halfCloser interface {
	io.ReadWriteCloser
	CloseWrite() error
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println("pod-dial " + version)
		return
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: pod-dial PORT")
	}
	port, err := strconv.ParseUint(args[0], 10, 16)
	if err != nil || port == 0 {
		return fmt.Errorf("not a port: %s", args[0])
	}
	endWithParent()
	peer, err := inherited()
	if err != nil {
		return err
	}
	connection, err := dial(strconv.FormatUint(port, 10))
	if err != nil {
		return err
	}
	fmt.Println("connected")
	join(peer, connection)
	return nil
}

// endWithParent holds for the thread that asks, so it may not go before the process does.
func endWithParent() {
	runtime.LockOSThread()
	syscall.RawSyscall(syscall.SYS_PRCTL, prSetPdeathsig, uintptr(syscall.SIGKILL), 0)
}

func inherited() (halfCloser, error) {
	file := os.NewFile(peerDescriptor, "peer")
	defer file.Close()
	connection, err := net.FileConn(file)
	if err != nil {
		return nil, fmt.Errorf("descriptor %d: %w", peerDescriptor, err)
	}
	peer, ok := connection.(halfCloser)
	if !ok {
		return nil, fmt.Errorf("descriptor %d is not a stream socket", peerDescriptor)
	}
	return peer, nil
}

// dial tries IPv4 first; what it says of that is what counts.
func dial(port string) (halfCloser, error) {
	dialer := net.Dialer{Timeout: dialTimeout}
	connection, err := dialer.Dial("tcp4", net.JoinHostPort("127.0.0.1", port))
	if err == nil {
		return connection.(*net.TCPConn), nil
	}
	if second, err6 := dialer.Dial("tcp6", net.JoinHostPort("::1", port)); err6 == nil {
		return second.(*net.TCPConn), nil
	}
	return nil, err
}

// join ends when both directions have, or one of them has failed.
func join(one, other halfCloser) {
	results := make(chan error, 2)
	for _, pair := range [][2]halfCloser{{one, other}, {other, one}} {
		go func(from, to halfCloser) {
			_, err := io.Copy(to, from)
			if err == nil {
				err = to.CloseWrite()
			}
			results <- err
		}(pair[0], pair[1])
	}
	if err := <-results; err == nil {
		<-results
	}
}
