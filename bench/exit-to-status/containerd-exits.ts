import { ctrArgs, ctrPath, insideNode } from '@podling/deploy/local';
import type { ClusterNode } from '@podling/deploy/local';
import { execa } from 'execa';

/** containerd's own events of exits, followed by a subscriber beside the kubelet; times taken when a line arrives. */
export class ContainerdExits {
  readonly #stopping = new AbortController();
  readonly #waits = new Map<string, (at: number) => void>();

  constructor(node: ClusterNode) {
    const [command, args] = insideNode(node.netns, [ctrPath(), ...ctrArgs(node), 'events']);
    const subscriber = execa(command, args, { stdin: 'ignore', cancelSignal: this.#stopping.signal, buffer: false, reject: false });
    void this.#read(subscriber);
  }

  /** Resolves to the time at which the end of this container's process was told. */
  of(containerId: string): Promise<number> {
    return new Promise((resolve) => this.#waits.set(containerId, resolve));
  }

  close(): void {
    this.#stopping.abort();
  }

  async #read(lines: AsyncIterable<unknown>): Promise<void> {
    for await (const line of lines) {
      const at = performance.now();
      const id = /\/tasks\/exit .*"container_id":"([0-9a-f]+)"/.exec(String(line))?.[1] ?? '';
      this.#waits.get(id)?.(at);
      this.#waits.delete(id);
    }
  }
}
