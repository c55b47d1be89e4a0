import { isUtf8 } from 'node:buffer';
import { contentHash } from './content-hash.ts';
import { generatorVerb } from './generator.ts';
import type { GeneratorOptions } from './generator.ts';
import { keySourceFlags, readKeySources } from './key-sources.ts';
import type { KeySourceOptions } from './key-sources.ts';

interface ConfigMapOptions extends GeneratorOptions, KeySourceOptions {
  appendHash?: boolean;
}

export const verb = generatorVerb<ConfigMapOptions>({
  name: 'create configmap',
  failure: 'failed to create configmap:',
  usage: 'NAME [--from-file=[KEY=]PATH] [--from-literal=KEY=VALUE] [--from-env-file=PATH] [flags]',
  flags: keySourceFlags,
  make: async (name, options, { io }) => {
    const taken = (key: string): string => `cannot add key ${JSON.stringify(key)}, another key by that name already exists in Data for ConfigMap ${JSON.stringify(name)}`;
    const keys = [...(await readKeySources(options, { kind: 'ConfigMap', envFile: 'config', taken, env: io.env }))];
    const data = Object.fromEntries(keys.filter(([, value]) => isUtf8(value)).map(([key, value]) => [key, value.toString('utf8')]));
    const binaryData = Object.fromEntries(keys.filter(([, value]) => !isUtf8(value)).map(([key, value]) => [key, value.toString('base64')]));
    const binary = Object.keys(binaryData).length === 0 ? {} : { binaryData };
    const content = { ...(Object.keys(data).length === 0 ? {} : { data }), ...binary };
    const fullName = options.appendHash === true ? `${name}-${contentHash({ kind: 'ConfigMap', name, data, ...binary })}` : name;
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: fullName }, ...content };
  },
});
