import type { Express, Request, RequestHandler } from 'express';
import type { TLSSocket } from 'node:tls';
import type { IssuerDocuments } from '../authentication/service-account/discovery-document.ts';

const configurationPath = '/.well-known/openid-configuration';
const keySetPath = '/openid/v1/jwks';

/** Where strangers learn how to check our tokens. */
export const issuerPaths = [configurationPath, keySetPath];

/** The key set at the very address that the client has come to. */
function keySetUrl({ socket }: Request): string {
  const { localAddress = '', localPort = 0 } = socket;
  const address = localAddress.replace(/^::ffff:/, '');
  const host = address.includes(':') ? `[${address}]` : address;
  return `${(socket as TLSSocket).encrypted ? 'https' : 'http'}://${host}:${localPort}${keySetPath}`;
}

function publicText(contentType: string, text: (request: Request) => string): RequestHandler {
  return (request, response) => {
    response.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'public, max-age=3600' });
    response.end(text(request));
  };
}

export function installIssuer(app: Express, documents: IssuerDocuments): void {
  app.get(configurationPath, publicText('application/json', (request) => documents.configuration(keySetUrl(request))));
  app.get(keySetPath, publicText('application/jwk-set+json', () => documents.keySet));
}
