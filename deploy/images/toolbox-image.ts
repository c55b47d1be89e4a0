import type { ImageContent } from './oci-archive.ts';
import type { TarEntry } from './tar-archive.ts';

export const toolboxRef = 'podling.local/toolbox:1';

const directories = ['bin', 'dev', 'etc', 'proc', 'root', 'run', 'sbin', 'sys', 'usr', 'usr/bin', 'usr/sbin', 'var', 'var/log', 'www'];

/** The static busybox cannot run its own wget, so the image brings an HTTP GET over nc. */
const fetchScript = `#!/bin/sh
# fetch [-i] [-w SECONDS] [http://]HOST[:PORT][/PATH]: prints the body of an HTTP GET (-i: with status and headers).
# Exit status: 0 on 2xx and 3xx, 22 on any other status, 7 when there is no answer.
headers=0
seconds=5
while getopts iw: option; do
  case $option in
    i) headers=1 ;;
    w) seconds=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ -n "$1" ] || { echo 'usage: fetch [-i] [-w SECONDS] HOST[:PORT][/PATH]' >&2; exit 2; }
url=\${1#http://}
authority=\${url%%/*}
path=/\${url#"$authority"}
path=/\${path#//}
host=\${authority%%:*}
port=80
case $authority in *:*) port=\${authority##*:} ;; esac
answer=$(mktemp /tmp/fetch.XXXXXX) || exit 1
trap 'rm -f "$answer"' EXIT
printf 'GET %s HTTP/1.0\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' "$path" "$authority" |
  timeout "$((seconds * 2))" nc -w "$seconds" "$host" "$port" >"$answer"
read -r protocol status rest <"$answer"
[ -n "$status" ] || { echo "fetch: no answer from $authority" >&2; exit 7; }
if [ $headers = 1 ]; then cat "$answer"; else sed '1,/^\\r*$/d' "$answer"; fi
case $status in 2*|3*) exit 0 ;; *) echo "fetch: $authority answered $status" >&2; exit 22 ;; esac
`;

/** A small image to serve, ask and look around with: busybox's applets and `fetch`. Runs `sh` unless told otherwise. */
export function toolboxImage(busybox: Buffer, applets: string[]): ImageContent {
  return {
    ref: toolboxRef,
    files: [
      ...directories.map((name): TarEntry => ({ type: 'directory', name })),
      { type: 'directory', name: 'tmp', mode: 0o1777 },
      { type: 'file', name: 'etc/passwd', data: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' },
      { type: 'file', name: 'etc/group', data: 'root:x:0:\nnogroup:x:65534:\n' },
      { type: 'file', name: 'bin/busybox', data: busybox, mode: 0o755 },
      ...appletLinks(applets),
      { type: 'file', name: 'usr/bin/fetch', data: fetchScript, mode: 0o755 },
    ],
    cmd: ['/bin/sh'],
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root'],
  };
}

function appletLinks(applets: string[]): TarEntry[] {
  const names = [...new Set(applets)].filter((name) => name !== '' && name !== 'busybox');
  return names.sort().map((name) => ({ type: 'symlink', name: `bin/${name}`, target: 'busybox' }));
}
