import { isDNS1123Subdomain, isValidPortName, isValidPortNumber } from '@podling/shared/names';
import { CommandError } from '../../errors.ts';
import { listOption } from '../../flags.ts';
import type { Verb, VerbEntry } from '../../verb.ts';
import { generatorVerb } from './generator.ts';
import type { GeneratorOptions } from './generator.ts';

interface ServiceOptions extends GeneratorOptions {
  tcp?: string[];
  clusterip?: string;
  nodePort?: string;
  externalName?: string;
}

function portNumber(text: string): number {
  const port = Number(text);
  const problems = /^\d+$/.test(text) ? isValidPortNumber(port) : ['must be a number or a port name'];
  if (problems.length > 0) throw new CommandError(`${JSON.stringify(text)} is no port: ${problems.join(',')}`);
  return port;
}

function targetPort(text: string): number | string {
  if (/^\d+$/.test(text)) return portNumber(text);
  const problems = isValidPortName(text);
  if (problems.length > 0) throw new CommandError(problems.join(','));
  return text;
}

function portOf(pair: string, nodePort: number): object {
  const [port = '', target] = pair.split(':');
  const node = nodePort === 0 ? {} : { nodePort };
  return { name: pair.replaceAll(':', '-'), protocol: 'TCP', port: portNumber(port), targetPort: targetPort(target ?? port), ...node };
}

function specOf(name: string, type: string, options: ServiceOptions): object {
  const { tcp = [], clusterip = '', nodePort = '0', externalName } = options;
  if (clusterip !== 'None' && tcp.length === 0 && type !== 'ExternalName') throw new CommandError('at least one tcp port specifier must be provided');
  if (externalName !== undefined && isDNS1123Subdomain(externalName).length > 0) throw new CommandError(`invalid service external name ${externalName}`);
  const ports = tcp.map((pair) => portOf(pair, nodePort === '0' ? 0 : portNumber(nodePort)));
  return {
    ...(ports.length === 0 ? {} : { ports }),
    selector: { app: name },
    type,
    ...(clusterip === '' ? {} : { clusterIP: clusterip }),
    ...(externalName === undefined ? {} : { externalName }),
  };
}

function serviceVerb(name: string, type: string): Verb<ServiceOptions> {
  return generatorVerb<ServiceOptions>({
    name: `create service ${name}`,
    failure: `failed to create ${type} service:`,
    flags: (command) => {
      command.addOption(listOption('--tcp <port[:target]>', 'a port, and the one of the pods behind it'));
      if (type === 'ClusterIP') command.option('--clusterip <address>', 'an address of your own, or None');
      if (type === 'NodePort') command.option('--node-port <port>', 'the port on each node');
      if (type === 'ExternalName') command.requiredOption('--external-name <name>', 'the name it stands for');
    },
    make: (service, options) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: service, labels: { app: service } },
      spec: specOf(service, type, options),
      status: { loadBalancer: {} },
    }),
  });
}

const entry = (name: string, type: string): VerbEntry => ({ summary: `Create a service of type ${type}`, load: async () => serviceVerb(name, type) });

export const verb: Verb = {
  usage: '(clusterip | externalname | loadbalancer | nodeport) NAME [flags]',
  verbs: {
    clusterip: entry('clusterip', 'ClusterIP'),
    externalname: entry('externalname', 'ExternalName'),
    loadbalancer: entry('loadbalancer', 'LoadBalancer'),
    nodeport: entry('nodeport', 'NodePort'),
  },
};
