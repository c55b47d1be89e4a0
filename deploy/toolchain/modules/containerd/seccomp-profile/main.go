// Command seccomp-profile prints containerd's default seccomp profile, as OCI JSON, for a process whose bounding
// capabilities are the arguments. It is for the kernel and the architecture that it runs on.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/containerd/containerd/contrib/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// version is set by the build.
var version = "v0.0.0"

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println("seccomp-profile " + version)
		return
	}
	process := &specs.Process{Capabilities: &specs.LinuxCapabilities{Bounding: os.Args[1:]}}
	if err := json.NewEncoder(os.Stdout).Encode(seccomp.DefaultProfile(&specs.Spec{Process: process})); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
