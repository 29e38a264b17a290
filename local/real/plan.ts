/**
 * Who has which address in the lab. All of them exist in its network namespaces only; the public ones are of the ranges
 * for documentation (RFC 5737).
 */

/** The VPC: control plane, nodes and the router in one subnet. */
export const VPC = { cidr: '10.213.0.0/24', bits: 24, control: '10.213.0.1', router: '10.213.0.2' } as const;
/** The outside, where callers and callees are. */
export const OUTSIDE = { bits: 24, router: '203.0.113.1', caller: '203.0.113.10', callee: '203.0.113.20' } as const;

export const SIP_PORT = 5060;
/** The number of the one phone that registers. */
export const PHONE_USER = 'phone';
export const SIP_DOMAIN = 'phones.lab.internal';

/** `number` counts from 1. */
export const primaryAddress = (number: number): string => `10.213.0.${10 + number}`;

/** The private address that the VIP of this place (from 0) has on the node. */
export const vipAddress = (place: number, number: number): string => `10.213.0.${20 + 10 * place + number}`;

export const publicAddress = (place: number): string => `198.51.100.${10 * (place + 1)}`;

/** The same on every node (FACTS 7.3, way A). */
export const serviceAddress = (place: number): string => `10.255.0.${10 * (place + 1)}`;

export const nodeName = (number: number): string => `node${number}`;
