import type { ConnectionOptions } from '../../client-config.ts';
import { CommandError } from '../../errors.ts';
import type { Factory } from '../../factory.ts';
import type { Fields } from '../../kubeconfig/kubeconfig-files.ts';
import type { Verb } from '../../verb.ts';
import { exactly, openFiles } from './command.ts';
import { fileFields } from './embedded-file.ts';

interface SetClusterOptions {
  embedCerts?: boolean;
  proxyUrl?: string;
}

/** A cluster either has an authority or is not verified. */
function trust(fields: Fields, { certificateAuthority, insecureSkipTlsVerify = false }: ConnectionOptions): Fields {
  const { 'insecure-skip-tls-verify': _, ...verified } = fields;
  if (certificateAuthority !== undefined) return verified;
  if (!insecureSkipTlsVerify) return fields;
  const { 'certificate-authority': _path, 'certificate-authority-data': _data, ...plain } = fields;
  return { ...plain, 'insecure-skip-tls-verify': true };
}

async function setCluster(factory: Factory, words: string[], options: SetClusterOptions): Promise<number> {
  const [name = ''] = exactly(1, words, 'set-cluster NAME');
  const { embedCerts = false, proxyUrl } = options;
  const { server, certificateAuthority, insecureSkipTlsVerify = false, tlsServerName } = factory.options;
  if (name === '') throw new CommandError('you must specify a non-empty cluster name');
  if (insecureSkipTlsVerify && (certificateAuthority ?? '') !== '') {
    throw new CommandError('you cannot specify a certificate authority and insecure mode at the same time');
  }
  if (embedCerts && (certificateAuthority ?? '') === '') throw new CommandError('you must specify a --certificate-authority to embed');
  const files = await openFiles(factory);
  const before = files.find('clusters', name)?.fields ?? { server: '' };
  const fields = trust(await fileFields('certificate-authority', certificateAuthority, embedCerts, before), factory.options);
  const given = {
    ...(server === undefined ? {} : { server: server.replace(/\/+$/, '') }),
    ...(tlsServerName === undefined ? {} : { 'tls-server-name': tlsServerName }),
    ...(proxyUrl === undefined ? {} : { 'proxy-url': proxyUrl }),
  };
  files.put('clusters', name, { ...fields, ...given });
  await files.save();
  factory.io.out(`Cluster ${JSON.stringify(name)} set.\n`);
  return 0;
}

export const verb: Verb<SetClusterOptions> = {
  usage: 'NAME [--server=URL] [--certificate-authority=PATH] [--insecure-skip-tls-verify] [flags]',
  flags: (command) => {
    command
      .option('--embed-certs', 'keep the content of the file, not its path')
      .option('--proxy-url <url>', 'the proxy on the way');
  },
  run: setCluster,
};
