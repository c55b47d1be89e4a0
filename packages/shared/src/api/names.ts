/**
 * Kubernetes' rules for names, labels and keys. Each check answers with the reasons a value is refused, in Kubernetes'
 * own words; none means the value is fine. Lengths are in bytes.
 */
export type NameCheck = (value: string) => string[];

const dnsLabel = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const dnsSubdomain = `${dnsLabel}(\\.${dnsLabel})*`;
const labelKeyName = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = `(${labelKeyName})?`;

const isFully = (pattern: string) => {
  const expression = new RegExp(`^${pattern}$`);
  return (value: string) => expression.test(value) && !value.endsWith('\n');
};
const matchesDnsLabel = isFully('[a-z0-9](?:[-a-z0-9]*[a-z0-9])?');
const matchesDnsSubdomain = isFully('[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*');
const matchesLabelKeyName = isFully('[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?');
const matchesConfigKey = isFully('[-._a-zA-Z0-9]+');

const tooLong = (characters: number) => `must be no more than ${characters} characters`;
/** Labels are measured in bytes and everything else in characters, so the texts say; all of it is ASCII. */
const tooLongLabel = (bytes: number) => `must be no more than ${bytes} bytes`;
const byteLength = (value: string) => Buffer.byteLength(value);

function explainPattern(message: string, pattern: string, ...examples: string[]): string {
  const quoted = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${quoted}regex used for validation is '${pattern}')`;
}

/** Names of namespaces, containers, volumes: `my-name`. */
export function isDNS1123Label(value: string): string[] {
  const reasons = byteLength(value) > 63 ? [tooLong(63)] : [];
  if (matchesDnsLabel(value)) return reasons;
  if (matchesDnsSubdomain(value)) return [...reasons, 'must not contain dots'];
  const rule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...reasons, explainPattern(rule, dnsLabel, 'my-name', '123-abc')];
}

/** Names of pods, nodes and most objects: `example.com`. */
export function isDNS1123Subdomain(value: string): string[] {
  const reasons = byteLength(value) > 253 ? [tooLong(253)] : [];
  if (matchesDnsSubdomain(value)) return reasons;
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return [...reasons, explainPattern(rule, dnsSubdomain, 'example.com')];
}

const labelWithUnderscore = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const subdomainWithUnderscore = `${labelWithUnderscore}(\\.${labelWithUnderscore})*`;
const matchesLabelWithUnderscore = isFully('_?[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?');

/** Where names of services are looked up, as `_http._tcp.example.com`. */
export function isDNS1123SubdomainWithUnderscore(value: string): string[] {
  const reasons = byteLength(value) > 253 ? [tooLong(253)] : [];
  if (value.split('.').every(matchesLabelWithUnderscore)) return reasons;
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
  return [...reasons, explainPattern(rule, subdomainWithUnderscore, 'example.com')];
}

/** What may stand in a path at all. */
export function isPathSegmentName(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);
}

const labelKeyRule = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const explainLabelKey = () => explainPattern(labelKeyRule, labelKeyName, 'MyName', 'my.name', '123-abc');

/** Label keys, annotation keys, taint keys, finalizers: `example.com/MyName`. */
export function isQualifiedName(value: string): string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    return [`a valid label key ${explainLabelKey()} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const [prefix, name] = parts.length === 2 ? [parts[0], parts[1] ?? ''] : [undefined, value];
  return [...checkKeyPrefix(prefix), ...checkKeyName(name)];
}

function checkKeyPrefix(prefix: string | undefined): string[] {
  if (prefix === undefined) return [];
  if (prefix === '') return ['prefix part must be non-empty'];
  return isDNS1123Subdomain(prefix).map((reason) => `prefix part ${reason}`);
}

function checkKeyName(name: string): string[] {
  const reasons: string[] = [];
  if (name === '') reasons.push('name part must be non-empty');
  else if (byteLength(name) > 63) reasons.push(`name part ${tooLongLabel(63)}`);
  if (!matchesLabelKeyName(name)) reasons.push(`name part ${explainLabelKey()}`);
  return reasons;
}

export function isLabelValue(value: string): string[] {
  const reasons = byteLength(value) > 63 ? [tooLongLabel(63)] : [];
  if (value === '' || matchesLabelKeyName(value)) return reasons;
  const rule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  return [...reasons, explainPattern(rule, labelValue, 'MyValue', 'my_value', '12345')];
}

/** Any printable ASCII but '='. */
export function isEnvVarName(value: string): string[] {
  if (value === '') return ['environment variable name must be non-empty'];
  if (/^[\x20-\x3c\x3e-\x7e]+$/.test(value) && !value.endsWith('\n')) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** Keys of ConfigMaps and Secrets. */
export function isConfigMapKey(value: string): string[] {
  const reasons = byteLength(value) > 253 ? [tooLong(253)] : [];
  if (!matchesConfigKey(value)) {
    const rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    reasons.push(explainPattern(rule, '[-._a-zA-Z0-9]+', 'key.name', 'KEY_NAME', 'key-name'));
  }
  if (value === '.') reasons.push("must not be '.'");
  else if (value === '..') reasons.push("must not be '..'");
  else if (value.startsWith('..')) reasons.push("must not start with '..'");
  return reasons;
}

/** Names of container ports (IANA service names): at most 15 characters, at least one letter. */
export function isValidPortName(value: string): string[] {
  const reasons = byteLength(value) > 15 ? [tooLong(15)] : [];
  if (!/^[-a-z0-9]+$/.test(value)) reasons.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) reasons.push('must contain at least one letter (a-z)');
  if (value.includes('--')) reasons.push('must not contain consecutive hyphens');
  if (/^-|-$/.test(value)) reasons.push('must not begin or end with a hyphen');
  return reasons;
}

/** `5%`. */
export function isValidPercent(value: string): string[] {
  if (/^[0-9]+%$/.test(value)) return [];
  return [explainPattern("a valid percent string must be a numeric string followed by an ending '%'", '[0-9]+%', '1%', '93%')];
}

/** Why a condition is as it is: `SufficientPods`. */
export function isConditionReason(value: string): string[] {
  if (/^[A-Za-z](?:[A-Za-z0-9_,:]*[A-Za-z0-9_])?$/.test(value)) return [];
  const rule =
    "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";
  return [explainPattern(rule, '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?', 'my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB')];
}

export function isValidPortNumber(port: number): string[] {
  return port >= 1 && port <= 65_535 ? [] : ['must be between 1 and 65535, inclusive'];
}
