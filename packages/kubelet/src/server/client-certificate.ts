import type { TLSSocket } from 'node:tls';
import type { NextFunction, Request, Response } from 'express';
import { sendText } from './answers.ts';

/** Lets in who shows a certificate signed by the client CA, but no other node: a node has no business on this port. */
export function requireClientCertificate(request: Request, response: Response, next: NextFunction): void {
  const socket = request.socket as TLSSocket;
  if (!socket.authorized) {
    sendText(response, 401, 'Unauthorized\n');
    return;
  }
  if (organizationsOf(socket).includes('system:nodes')) {
    sendText(response, 403, 'Forbidden\n');
    return;
  }
  next();
}

function organizationsOf(socket: TLSSocket): string[] {
  const organization = socket.getPeerCertificate().subject?.O as string | string[] | undefined;
  return organization === undefined ? [] : [organization].flat();
}
