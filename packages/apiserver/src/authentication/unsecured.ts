import { newStatusError } from '@podling/shared/api';
import type { Authenticator } from './authenticator.ts';
import { unsecured } from './user.ts';

function hostNameOf(host: string | undefined): string {
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
}

/**
 * For the insecure port: whoever asks for one of `hosts` may do everything. A page in a browser can make any name of its
 * own point here, but it cannot hide the name. Throws 403.
 */
export function authenticateUnsecured(hosts: readonly string[]): Authenticator {
  return ({ headers: { host } }) => {
    if (hosts.includes(hostNameOf(host))) return unsecured;
    throw newStatusError({ code: 403, reason: 'Forbidden', message: `forbidden: the insecure port does not serve the host ${JSON.stringify(host ?? '')}` });
  };
}
