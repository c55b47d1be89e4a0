import { readFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { writePrivate } from './key-pair.ts';
import type { KeyPairPaths } from './key-pair.ts';

/** Who reaches which cluster. `clusterName` names cluster and context; `user` names the credentials. */
export interface KubeconfigContent {
  server: string;
  clusterName: string;
  user: string;
  caFile: string;
  client: KeyPairPaths;
}

/** Writes a kubeconfig (0600) that carries its certificates, so that it works wherever it is copied. */
export async function writeKubeconfig(path: string, content: KubeconfigContent): Promise<void> {
  const { server, clusterName, user } = content;
  const [ca, cert, key] = await Promise.all([content.caFile, content.client.cert, content.client.key].map((file) => readFile(file, 'base64')));
  const context = `${user}@${clusterName}`;
  await writePrivate(
    path,
    stringify(
      {
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: clusterName, cluster: { server, 'certificate-authority-data': ca } }],
        users: [{ name: user, user: { 'client-certificate-data': cert, 'client-key-data': key } }],
        contexts: [{ name: context, context: { cluster: clusterName, user } }],
        'current-context': context,
      },
      { lineWidth: 0 },
    ),
  );
}
