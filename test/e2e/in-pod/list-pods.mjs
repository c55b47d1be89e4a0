// Runs in a pod: lists the pods of its own namespace with its own token, then tells what a watch shows.
import { readFileSync } from 'node:fs';
import { CoreV1Api, KubeConfig, Watch } from '@kubernetes/client-node';

const config = new KubeConfig();
config.loadFromCluster();
const namespace = readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/namespace', 'utf8');
const { items, metadata } = await config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace });
console.log(`server ${config.getCurrentCluster().server}`);
console.log(`listed ${items.map((pod) => pod.metadata.name).join(' ')}`);
await new Watch(config).watch(
  `/api/v1/namespaces/${namespace}/pods`,
  { resourceVersion: metadata.resourceVersion },
  (type, pod) => console.log(`${type} ${pod.metadata.name}`),
  (error) => console.log(`ended ${error}`),
);
console.log('watching');
