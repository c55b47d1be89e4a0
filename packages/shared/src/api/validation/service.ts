import { isIP } from 'node:net';
import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName } from '../names.ts';
import { isExternallyAccessible, isHeadless, needsHealthCheck, usesNodePorts } from '../service-traits.ts';
import type { Service, ServiceSpec } from '../service.ts';
import { check, checkRequired, eachOf, forbidden, invalid, notSupported, required } from './field-errors.ts';
import { checkReachableIp } from './ip.ts';
import { validateLabels, validateMeta, validateMetaUpdate } from './object-meta.ts';
import { validateAddressesUpdate, validateServiceAddresses } from './service-addresses.ts';
import { validateServicePorts } from './service-ports.ts';

const DAY_SECONDS = 86_400;
const trafficDistributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const onlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'";

export function validateService({ metadata, spec = {} }: Service): FieldError[] {
  return [...validateMeta(metadata, { namespaced: true, name: isDNS1123Label }), ...validateSpec(spec)];
}

export function validateServiceUpdate(next: Service, previous: Service): FieldError[] {
  const [spec, old] = [next.spec ?? {}, previous.spec ?? {}];
  return [
    ...validateMetaUpdate(next.metadata, previous.metadata),
    ...validateAddressesUpdate(spec, old),
    ...validateLoadBalancerUpdate(spec, old),
    ...validateSpec(spec),
  ];
}

export function validateServiceStatusUpdate(next: Service, previous: Service): FieldError[] {
  const path = 'status.loadBalancer.ingress';
  const ingress = next.status?.loadBalancer?.ingress ?? [];
  const isForeign = ingress.length > 0 && next.spec?.type !== 'LoadBalancer';
  return [
    ...validateMetaUpdate(next.metadata, previous.metadata),
    ...(isForeign ? [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")] : []),
    ...eachOf(ingress, path, ({ ip, hostname }, at) => [
      ...(ip && isIP(ip) === 0 ? [invalid(`${at}.ip`, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')] : []),
      ...(hostname ? check(`${at}.hostname`, hostname, isDNS1123Subdomain) : []),
    ]),
  ];
}

function validateSpec(spec: ServiceSpec): FieldError[] {
  return [
    ...validateType(spec),
    ...validateServicePorts(spec),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(spec),
    ...validateServiceAddresses(spec),
    ...validateExternalIps(spec),
    ...validateLoadBalancer(spec),
    ...validateTraffic(spec),
  ];
}

function validateType(spec: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName') return validateExternalName(spec);
  const isWrong = isHeadless(spec) && usesNodePorts(spec);
  return isWrong ? [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`)] : [];
}

function validateExternalName({ clusterIPs = [], ipFamilies = [], ipFamilyPolicy, externalName = '' }: ServiceSpec): FieldError[] {
  const present = [...(clusterIPs.length > 0 ? ['clusterIPs'] : []), ...(ipFamilies.length > 0 ? ['ipFamilies'] : []), ...(ipFamilyPolicy ? ['ipFamilyPolicy'] : [])];
  return [
    ...present.map((field) => forbidden(`spec.${field}`, 'may not be set for ExternalName services')),
    ...checkRequired('spec.externalName', externalName.replace(/\.$/, ''), isDNS1123Subdomain),
  ];
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): FieldError[] {
  const path = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'None') return sessionAffinityConfig ? [forbidden(path, 'must not be set when session affinity is None')] : [];
  if (sessionAffinity !== 'ClientIP') return [];
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 0;
  const isFine = seconds > 0 && seconds <= DAY_SECONDS;
  return isFine ? [] : [invalid(`${path}.clientIP.timeoutSeconds`, seconds, `must be greater than 0 and less than ${DAY_SECONDS}`)];
}

function validateExternalIps({ externalIPs }: ServiceSpec): FieldError[] {
  return eachOf(externalIPs, 'spec.externalIPs', (ip, at) => {
    if (isIP(ip) === 0) return [invalid(at, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
    return checkReachableIp(at, ip);
  });
}

function validateLoadBalancer(spec: ServiceSpec): FieldError[] {
  const { type, loadBalancerSourceRanges = [], allocateLoadBalancerNodePorts, loadBalancerClass } = spec;
  const isOurs = type === 'LoadBalancer';
  return [
    ...(loadBalancerSourceRanges.length > 0 && !isOurs ? [forbidden('spec.LoadBalancerSourceRanges', onlyLoadBalancer)] : []),
    ...eachOf(loadBalancerSourceRanges, 'spec.LoadBalancerSourceRanges', (range, at) => {
      const [address = '', bits = ''] = range.trim().split('/');
      const isRange = isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (isIP(address) === 4 ? 32 : 128);
      return isRange ? [] : [invalid(at, range.trim(), 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
    }),
    ...(allocateLoadBalancerNodePorts !== undefined && !isOurs ? [forbidden('spec.allocateLoadBalancerNodePorts', onlyLoadBalancer)] : []),
    ...(loadBalancerClass === undefined ? [] : isOurs ? check('spec.loadBalancerClass', loadBalancerClass, isQualifiedName) : [forbidden('spec.loadBalancerClass', onlyLoadBalancer)]),
  ];
}

function validateLoadBalancerUpdate(next: ServiceSpec, previous: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const stays = next.type === 'LoadBalancer' && previous.type === 'LoadBalancer';
  if (stays && next.loadBalancerClass !== previous.loadBalancerClass) {
    errors.push(invalid('spec.loadBalancerClass', next.loadBalancerClass, 'may not change once set'));
  }
  if (needsHealthCheck(next) && needsHealthCheck(previous) && next.healthCheckNodePort !== previous.healthCheckNodePort) {
    errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
  }
  return errors;
}

function validateTraffic(spec: ServiceSpec): FieldError[] {
  const { externalTrafficPolicy, healthCheckNodePort, trafficDistribution } = spec;
  return [
    ...(externalTrafficPolicy && !isExternallyAccessible(spec)
      ? [invalid('spec.externalTrafficPolicy', externalTrafficPolicy, 'may only be set for externally-accessible services')] : []),
    ...(healthCheckNodePort && !needsHealthCheck(spec)
      ? [invalid('spec.healthCheckNodePort', healthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")] : []),
    ...(trafficDistribution !== undefined && !trafficDistributions.includes(trafficDistribution)
      ? [notSupported('spec.trafficDistribution', trafficDistribution, trafficDistributions)] : []),
    ...(spec.type === undefined ? [required('spec.type')] : []),
  ];
}
