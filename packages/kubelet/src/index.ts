export { parseKubeletConfig, type KubeletConfig } from './config.ts';
export { startKubelet, type KubeletDeps, type RunningKubelet } from './kubelet.ts';
