import { fanOut } from './fan-out.ts';
import type { FanOut } from './fan-out.ts';
import { podBody } from './pod-body.ts';
import { Requests } from './requests.ts';
import type { Load } from './requests.ts';
import { podsPath, residentMb } from './target.ts';
import type { Target } from './target.ts';

export interface Measured {
  create64: Load;
  create1: Load;
  get16: Load;
  get1: Load;
  list: Load & { bytes: number };
  list8: Load;
  listNothing: Load;
  watch: FanOut;
  rssMb: { idle: number; end: number };
}

export interface Sizes {
  pods: number;
  watchers: number;
}

/** The whole programme on one server that has just been started. */
export async function measure(target: Target, { pods, watchers }: Sizes): Promise<Measured> {
  const requests = new Requests(target);
  const create = (prefix: string) => (index: number): Promise<number> => requests.send('POST', podsPath, podBody(`${prefix}-${index}`));
  const get = (index: number): Promise<number> => requests.send('GET', `${podsPath}/fill-${index % 1000}`);
  const list = (query = '') => (): Promise<number> => requests.send('GET', podsPath + query);
  try {
    await requests.load(200, 8, create('warm-up'));
    const idle = await residentMb(target.pid);
    const create1 = await requests.load(300, 1, create('one'));
    const create64 = await requests.load(pods - 500, 64, create('fill'));
    await requests.load(1000, 16, get);
    const get16 = await requests.load(6000, 16, get);
    const get1 = await requests.load(1000, 1, get);
    const bytes = await list()();
    const full = await requests.load(6, 1, list());
    const list8 = await requests.load(16, 8, list());
    const listNothing = await requests.load(30, 1, list('?labelSelector=app%3Dnothing'));
    const watch = await fanOut(target, requests, watchers);
    return { create64, create1, get16, get1, list: { ...full, bytes }, list8, listNothing, watch, rssMb: { idle, end: await residentMb(target.pid) } };
  } finally {
    requests.close();
  }
}
