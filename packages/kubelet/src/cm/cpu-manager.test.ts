import { join } from 'node:path';
import type { LinuxResources } from '@podling/cri';
import type { Container, Pod } from '@podling/shared/api';
import { buildPod, FakeClock } from '@podling/shared/testing';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { plainCpus, threaded } from '../testing/topologies.ts';
import { createStaticCpuManager, type CpuManager, type CpuManagerOptions, type RunningContainer } from './cpu-manager.ts';
import { CpuManagerState } from './cpu-manager-state.ts';

const amounts = (cpu: string) => ({ limits: { cpu, memory: '1Gi' }, requests: { cpu, memory: '1Gi' } });
const pod = (uid: string, cpus: string[], initContainers: Container[] = []): Pod =>
  buildPod({ name: uid, uid, spec: { initContainers, containers: cpus.map((cpu, index) => ({ name: `c${index}`, resources: amounts(cpu) })) } });
const managers: CpuManager[] = [];
afterEach(() => Promise.all(managers.splice(0).map((manager) => manager.stop())));

/** A node with one CPU reserved; `told`: what containers that run were told last. */
class Scene {
  readonly clock = new FakeClock();
  readonly running: RunningContainer[] = [];
  readonly known = new Set<string>();
  readonly told = new Map<string, string>();
  refuses = '';
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  manager(options: Partial<CpuManagerOptions> = {}): CpuManager {
    const manager = createStaticCpuManager({
      state: new CpuManagerState(this.#file, 'static'), topology: plainCpus(4), reservations: { system: { cpu: '500m' }, kube: { cpu: '100m' }, evictionHard: {} },
      reservedSystemCpus: '', isWholeCoresOnly: false, isReservationStrict: false, reconcilePeriodMs: 10_000, clock: this.clock, logger: pino({ level: 'silent' }),
      runtime: { updateContainerResources: (id, resources) => this.#update(id, resources) },
      isKnown: (uid) => this.known.has(uid), running: async () => this.running, ...options,
    });
    managers.push(manager);
    return manager;
  }

  run(uid: string, name: string): void {
    this.known.add(uid);
    this.running.push({ uid, name, id: `${uid}-${name}` });
  }

  async #update(id: string, { cpusetCpus = '' }: LinuxResources): Promise<void> {
    if (id === this.refuses) throw new Error('the kernel refuses');
    this.told.set(id, cpusetCpus);
  }
}

const scene = async (): Promise<Scene> => new Scene(join(await tempDir(), 'cpu_manager_state'));
const of = (manager: CpuManager, uid: string, ...names: string[]) => names.map((name) => manager.affinityOf(uid, name));

describe('CpuManager static', () => {
  it('gives whole CPUs to containers of guaranteed pods and leaves the rest to all others', async () => {
    const manager = (await scene()).manager();
    expect(manager.admit(pod('a', ['2', '500m']))).toBeUndefined();
    expect(of(manager, 'a', 'c0', 'c1')).toEqual(['1-2', '0,3']);
    expect([manager.hasExclusiveCpus('a', 'c0'), manager.hasExclusiveCpus('a', 'c1')]).toEqual([true, false]);
    const burstable = pod('b', []);
    burstable.spec.containers = [{ name: 'c0', resources: { requests: { cpu: '1' } } }];
    manager.admit(burstable);
    expect(of(manager, 'b', 'c0')).toEqual(['0,3']);
    manager.release('a');
    expect(of(manager, 'b', 'c0')).toEqual(['0-3']);
  });

  it('keeps reserved CPUs from anybody, and refuses a pod as a whole', async () => {
    const manager = (await scene()).manager();
    expect(manager.admit(pod('a', ['1', '3']))).toEqual({
      reason: 'UnexpectedAdmissionError', message: 'Pod was rejected: Allocate failed due to not enough cpus available to satisfy request: requested=3, available=2, which is unexpected',
    });
    expect(of(manager, 'b', 'c0')).toEqual(['0-3']);
    expect(manager.admit(pod('a', ['1', '2']))).toBeUndefined();
    expect(of(manager, 'b', 'c0')).toEqual(['0']);
  });

  it('gives the app what its init containers have had, sidecars aside', async () => {
    const manager = (await scene()).manager();
    const init: Container[] = [{ name: 'i', resources: amounts('2') }, { name: 's', restartPolicy: 'Always', resources: amounts('1') }];
    expect(manager.admit(pod('a', ['2'], init))).toBeUndefined();
    expect(of(manager, 'a', 'i', 's', 'c0')).toEqual(['1-2', '1', '2-3']);
    manager.release('a');
    expect(of(manager, 'b', 'c0')).toEqual(['0-3']);
  });

  it('moves containers that run off CPUs that are taken, and back', async () => {
    const world = await scene();
    const manager = world.manager();
    world.run('b', 'c0');
    manager.start();
    await eventually(() => expect(world.told.get('b-c0')).toBe('0-3'));
    world.known.add('a');
    manager.admit(pod('a', ['3']));
    await eventually(() => expect(world.told.get('b-c0')).toBe('0'));
    manager.release('a');
    await eventually(() => expect(world.told.get('b-c0')).toBe('0-3'));
  });

  it('tries again what the runtime refuses, and tells what is new in each period', async () => {
    const world = await scene();
    const manager = world.manager();
    world.run('b', 'c0');
    world.refuses = 'b-c0';
    manager.start();
    world.run('b', 'c1');
    await eventually(() => expect(world.told.get('b-c1')).toBe('0-3'));
    world.refuses = '';
    await eventually(async () => {
      await world.clock.advance(10_000);
      expect(world.told.get('b-c0')).toBe('0-3');
    });
  });

  it('knows after a restart who has what, and frees what belongs to nobody', async () => {
    const world = await scene();
    const before = world.manager();
    before.admit(pod('a', ['1']));
    before.admit(pod('gone', ['1']));
    world.run('a', 'c0');
    const manager = world.manager();
    expect([...of(manager, 'a', 'c0'), ...of(manager, 'gone', 'c0')]).toEqual(['1', '2']);
    manager.start();
    await eventually(() => expect(manager.hasExclusiveCpus('gone', 'c0')).toBe(false));
    expect(of(manager, 'a', 'c0')).toEqual(['1']);
    expect(manager.admit(pod('a', ['1']))).toBeUndefined();
    expect(of(manager, 'a', 'c0', 'other')).toEqual(['1', '0,2-3']);
  });

  it('says what no longer fits', async () => {
    const world = await scene();
    world.manager().admit(pod('a', ['1']));
    expect(() => world.manager({ topology: plainCpus(5) })).toThrow('current set of available CPUs "0-4" doesn\'t match with CPUs in state "0-3", please drain this node');
    expect(() => world.manager({ reservedSystemCpus: '1' })).toThrow('not all reserved cpus: "1" are present in defaultCpuSet: "0,2-3"');
    expect(() => world.manager({ isReservationStrict: true })).toThrow('some of strictly reserved cpus: "0" are present in defaultCpuSet: "0,2-3"');
  });

  it('wants CPUs to be reserved', async () => {
    const world = await scene();
    const none = { system: {}, kube: {}, evictionHard: {} };
    expect(() => world.manager({ reservations: none })).toThrow('[cpumanager] the static policy requires systemreserved.cpu + kubereserved.cpu to be greater than zero');
    expect(() => world.manager({ reservedSystemCpus: '9' })).toThrow('[cpumanager] unable to reserve the required amount of CPUs (size of  did not equal 1)');
  });

  it('gives whole cores or nothing where that is asked for', async () => {
    const manager = (await scene()).manager({ topology: threaded(1, 4), isWholeCoresOnly: true });
    expect(manager.admit(pod('a', ['1']))).toEqual({ reason: 'SMTAlignmentError', message: 'Pod was rejected: SMT Alignment Error: requested 1 cpus not multiple cpus per core = 2' });
    expect(manager.admit(pod('a', ['8']))?.message).toContain('not enough free physical CPUs: available physical CPUs = 6, requested CPUs = 8, CPUs per core = 2');
    expect(manager.admit(pod('a', ['2']))).toBeUndefined();
    expect(of(manager, 'a', 'c0')).toEqual(['1,5']);
  });

  it('takes for free cores what the pod has itself, after a restart and from its init containers', async () => {
    const world = await scene();
    const options = { topology: threaded(1, 4), isWholeCoresOnly: true };
    const six = pod('a', ['6'], [{ name: 'i', resources: amounts('6') }]);
    expect(world.manager(options).admit(six)).toBeUndefined();
    const manager = world.manager(options);
    expect(manager.admit(six)).toBeUndefined();
    expect(of(manager, 'a', 'i', 'c0')).toEqual(['1-3,5-7', '1-3,5-7']);
  });

  it('shares no reserved CPU where reservations are strict', async () => {
    const manager = (await scene()).manager({ isReservationStrict: true });
    expect(of(manager, 'b', 'c0')).toEqual(['1-3']);
  });
});
