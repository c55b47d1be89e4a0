/**
 * Replaces `$(NAME)` by its value; `$$` is a literal `$`; a name without a value stays as written.
 * Upstream twin: k8s.io/kubernetes third_party/forked/golang/expansion.
 */
export function expand(input: string, lookup: (name: string) => string | undefined): string {
  return input.replace(/\$\$|\$\(([^)]*)\)/g, (match, name: string | undefined) => {
    if (match === '$$') return '$';
    return lookup(name ?? '') ?? match;
  });
}
