module podling.dev/toolchain/pod-dial

go 1.24
