import type { Container, ContainerFilter, PodSandbox, PodSandboxFilter } from './cri.ts';

export function matchesSandbox(sandbox: PodSandbox, filter: PodSandboxFilter): boolean {
  return (
    (filter.id === undefined || filter.id === sandbox.id) &&
    (filter.state === undefined || filter.state === sandbox.state) &&
    matchesLabels(sandbox.labels, filter.labelSelector)
  );
}

export function matchesContainer(container: Container, filter: ContainerFilter): boolean {
  return (
    (filter.id === undefined || filter.id === container.id) &&
    (filter.state === undefined || filter.state === container.state) &&
    (filter.podSandboxId === undefined || filter.podSandboxId === container.podSandboxId) &&
    matchesLabels(container.labels, filter.labelSelector)
  );
}

function matchesLabels(labels: Record<string, string>, selector: Record<string, string> = {}): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}
