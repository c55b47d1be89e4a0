/** One metric with its series. */
export interface MetricFamily {
  name: string;
  help: string;
  type: 'gauge' | 'counter' | 'histogram';
  samples: readonly Sample[];
}

export interface Sample {
  /** Of the family's name, in a histogram. */
  suffix?: '_bucket' | '_sum' | '_count';
  labels?: Readonly<Record<string, string>>;
  value: number;
  /** When the value was taken, if that is not now. */
  timeMs?: number;
}

export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** The text exposition format, version 0.0.4; a family without series is left out. */
export function prometheusText(families: readonly MetricFamily[]): string {
  return families.filter(({ samples }) => samples.length > 0).map(familyText).join('');
}

function familyText({ name, help, type, samples }: MetricFamily): string {
  const lines = samples.map(({ suffix = '', labels = {}, value, timeMs }) => `${name}${suffix}${labelText(labels)} ${numberText(value)}${timeMs === undefined ? '' : ` ${Math.round(timeMs)}`}`);
  return [`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}
