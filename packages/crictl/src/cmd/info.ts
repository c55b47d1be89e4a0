import type { StatusResponse } from '@podling/cri/v1';
import { orderFields } from '@podling/cri/v1';
import { printStatuses } from '../output/document.ts';
import { doing } from '../report.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  flags: (command) => {
    command.option('-o, --output <format>', 'json or yaml', 'json').option('-q, --quiet', 'without what the runtime says beyond CRI');
  },
  run: async (session, _words, { output, quiet = false }: { output: string; quiet?: boolean }) => {
    const { status, info, runtimeHandlers, features } = await doing('getting status of runtime', async () => (await session.cri()).runtime('Status', { verbose: !quiet }));
    const document = {
      status: status === null ? {} : orderFields('RuntimeStatus', status),
      info,
      ...(runtimeHandlers.length === 0 ? {} : { runtimeHandlers: runtimeHandlers.map(handler) }),
      ...(features === null ? {} : { features: said({ supplemental_groups_policy: features.supplementalGroupsPolicy }) }),
    };
    session.out(await printStatuses([document], output));
  },
};

/** As other clients write it: what is not so is left out. */
function handler({ name, features }: StatusResponse['runtimeHandlers'][number]): object {
  const features_ = features && said({ recursive_read_only_mounts: features.recursiveReadOnlyMounts, user_namespaces: features.userNamespaces });
  return { ...(name === '' ? {} : { name }), ...(features_ === null ? {} : { features: features_ }) };
}

function said(flags: Record<string, boolean>): object {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value));
}
