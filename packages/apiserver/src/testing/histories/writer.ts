import type { World } from './world.ts';

export type Verb = 'create' | 'update' | 'patch' | 'delete' | 'increment';

export interface Step {
  verb: Verb;
  name: string;
  even: boolean;
}

/** What the writers know of a history: writes that were acknowledged, by their revision. */
export class Ledger {
  readonly acknowledged = new Map<string, string>();
  increments = 0;
  unknownIncrements = 0;
  #writes = 0;

  nextId(): string {
    this.#writes += 1;
    return `w${this.#writes}`;
  }
}

export const counter = 'counter';

/** One client that does its steps one after the other. */
export async function write(world: World, ledger: Ledger, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if (step.verb === 'increment') await increment(world, ledger);
    else await perform(world, ledger, step);
  }
}

async function perform(world: World, ledger: Ledger, { verb, name, even }: Step): Promise<void> {
  const id = ledger.nextId();
  const labels = { even: even ? 'yes' : 'no' };
  const note = async (answer: ReturnType<World['send']>): Promise<void> => {
    const { code, object } = await answer;
    if (code === 200 || code === 201) ledger.acknowledged.set(object.metadata.resourceVersion, `${name} ${id}`);
  };
  if (verb === 'create') return note(world.send('POST', '', { metadata: { name, labels }, data: { id } }));
  if (verb === 'patch') return note(world.send('PATCH', `/${name}`, { metadata: { labels }, data: { id } }));
  if (verb === 'delete') return void (await world.send('DELETE', `/${name}`));
  const { code, object } = await world.send('GET', `/${name}`);
  if (code === 200) await note(world.send('PUT', `/${name}`, { metadata: { ...object.metadata, labels }, data: { id } }));
}

/** Reads, adds one, writes if nobody wrote in between: the update that must never be lost. */
async function increment(world: World, ledger: Ledger): Promise<void> {
  for (;;) {
    const { code, object } = await world.send('GET', `/${counter}`);
    if (code !== 200) return;
    const data = { n: String(Number(object.data?.['n']) + 1), id: ledger.nextId() };
    const written = await world.send('PUT', `/${counter}`, { metadata: object.metadata, data });
    if (written.code === 409) continue;
    if (written.code === 200) {
      ledger.increments += 1;
      ledger.acknowledged.set(written.object.metadata.resourceVersion, `${counter} ${data.id}`);
    } else {
      ledger.unknownIncrements += 1;
    }
    return;
  }
}
