import type { Request, Response } from 'express';
import type { Status } from '@podling/shared/api';
import { knownContextOf } from '../request-context.ts';
import type { User } from '../../authentication/user.ts';
import type { RequestContext } from '../request-context.ts';
import type { AuditLevel, AuditStage } from './audit-policy.ts';

function objectRefOf({ info }: RequestContext): object {
  if (!info.isResource) return {};
  const { resource, namespace, name, group, version, subresource } = info;
  const parts = { resource, namespace, name, apiGroup: group, apiVersion: version, subresource };
  return { objectRef: Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== '')) };
}

function userInfoOf({ name: username, uid, groups, extra }: User): object {
  return { username, ...(uid === undefined ? {} : { uid }), groups, ...(extra ? { extra } : {}) };
}

function usersOf({ knownUser, impersonatedUser }: RequestContext): object {
  return {
    ...(knownUser ? { user: userInfoOf(knownUser) } : {}), ...(impersonatedUser ? { impersonatedUser: userInfoOf(impersonatedUser) } : {}),
  };
}

function responseStatusOf({ statusCode: code }: Response, failure: Status | undefined): object {
  if (!failure) return { code };
  const { status, reason, message } = failure;
  return { status, reason, message, code };
}

/** An `audit.k8s.io/v1` Event. Times have microseconds, as in Kubernetes. */
export function auditEvent(
  stage: AuditStage, level: AuditLevel, { request, response, failure }: { request: Request; response: Response; failure?: Status | undefined },
): Record<string, unknown> {
  const context = knownContextOf(request);
  if (!context) throw new Error('the request has passed no filter');
  const userAgent = request.headers['user-agent'];
  return {
    kind: 'Event', apiVersion: 'audit.k8s.io/v1', level, auditID: context.id, stage, requestURI: request.originalUrl, verb: context.info.verb,
    ...usersOf(context), sourceIPs: [request.socket.remoteAddress ?? ''], ...(userAgent === undefined ? {} : { userAgent }), ...objectRefOf(context),
    ...(stage === 'RequestReceived' ? {} : { responseStatus: responseStatusOf(response, failure) }),
    requestReceivedTimestamp: microTime(context.receivedAt), stageTimestamp: microTime(new Date()),
  };
}

const microTime = (date: Date): string => date.toISOString().replace('Z', '000Z');
