import packageJson from '../../package.json' with { type: 'json' };
import { CommandError, refuseWords } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { formatJson, formatYaml } from '../printers/object.ts';
import type { Verb } from '../verb.ts';

export interface VersionOptions {
  client?: boolean;
  output?: string;
}

interface VersionInfo {
  gitVersion: string;
  [field: string]: unknown;
}

const clientVersion: VersionInfo = { gitVersion: `v${packageJson.version}`, platform: `${process.platform}/${process.arch}`, nodeVersion: process.version };

function formatText(server: VersionInfo | undefined): string {
  const lines = [`Client Version: ${clientVersion.gitVersion}`];
  if (server !== undefined) lines.push(`Server Version: ${server.gitVersion}`);
  return `${lines.join('\n')}\n`;
}

/** The client's version, and the server's unless `--client`. */
export async function version(factory: Factory, words: string[], options: VersionOptions): Promise<number> {
  refuseWords('version', words);
  const { output, client } = options;
  if (output !== undefined && output !== 'json' && output !== 'yaml') throw new CommandError("--output must be 'yaml' or 'json'");
  const fetchServer = async (): Promise<VersionInfo> => (await factory.client()).request<VersionInfo>({ path: '/version' });
  if (output === undefined) {
    if (client === true) factory.io.out(formatText(undefined));
    else await printBoth(factory, fetchServer);
    return 0;
  }
  const server = client === true ? undefined : await fetchServer();
  const both = { clientVersion, ...(server === undefined ? {} : { serverVersion: server }) };
  factory.io.out(output === 'json' ? formatJson(both) : await formatYaml(both));
  return 0;
}

/** The client's line comes out even when the server cannot be reached. */
async function printBoth(factory: Factory, fetchServer: () => Promise<VersionInfo>): Promise<void> {
  let server: VersionInfo | undefined;
  try {
    server = await fetchServer();
  } finally {
    factory.io.out(formatText(server));
  }
}

export const verb: Verb<VersionOptions> = {
  flags: (command) => {
    command.option('--client', 'only the client version').option('-o, --output <format>', 'json or yaml');
  },
  run: version,
};
