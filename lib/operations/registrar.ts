/** The custom resources of a deployment: what CloudFormation asks, and the answer in its words. */
import { MalformedEvent, describeError } from '../domain/errors';
import { assertNever } from '../domain/model';
import { guardReplacement, register, type RegisterDeps } from './register';
import type { RegistrarProperties, RegistrationRequest, ReplacementGuardRequest } from './registration-request';
import { isRegisteredByAnother, unregister } from './unregister';

export interface RegistrarEvent {
  RequestType: 'Create' | 'Update' | 'Delete';
  /** What an earlier answer named; CloudFormation makes one up where there was none. */
  PhysicalResourceId?: string;
  ResourceProperties: Record<string, unknown>;
  OldResourceProperties?: Record<string, unknown>;
}

export interface RegistrarAnswer {
  status: 'SUCCESS' | 'FAILED';
  reason: string;
  /** The same for ever: CloudFormation deletes a resource whose id changes. */
  physicalResourceId: string;
}

/** A Create of this id was refused for its properties: nothing was done, and there is nothing to take back. */
const UNREADABLE = 'unknown';

/** Never throws: an exception without an answer would hang the stack. */
export async function onDeployment(
  deps: RegisterDeps,
  cluster: string,
  event: RegistrarEvent,
): Promise<RegistrarAnswer> {
  let physicalResourceId = event.PhysicalResourceId ?? `${cluster}/${UNREADABLE}`;
  if (event.RequestType === 'Delete' && physicalResourceId === `${cluster}/${UNREADABLE}`) {
    return { status: 'SUCCESS', reason: 'nothing was ever made for it', physicalResourceId };
  }
  try {
    const properties = parseProperties(event.ResourceProperties);
    physicalResourceId = event.PhysicalResourceId ?? `${cluster}/${properties.action}`;
    const reason = await perform(deps, event, properties);
    return { status: 'SUCCESS', reason, physicalResourceId };
  } catch (error) {
    deps.log.error(`${event.RequestType} of ${physicalResourceId} was refused`, { error: describeError(error) });
    return { status: 'FAILED', reason: describeError(error), physicalResourceId };
  }
}

async function perform(deps: RegisterDeps, event: RegistrarEvent, properties: RegistrarProperties): Promise<string> {
  switch (properties.action) {
    case 'register': {
      if (event.RequestType === 'Delete') {
        const request = JSON.parse(properties.request) as RegistrationRequest;
        if (await isRegisteredByAnother(deps.store, request))
          return 'another deployment of this cluster has registered since: nothing is taken back';
        await unregister(deps, request);
        return 'paused, addresses disassociated, private records removed';
      }
      const topology = await register(deps, JSON.parse(properties.request) as RegistrationRequest);
      return `registered version ${topology.version}`;
    }
    case 'guard-replacement': {
      if (event.RequestType !== 'Update') return 'nothing to guard';
      const before = parseProperties(event.OldResourceProperties ?? {});
      await guardReplacement(
        deps.store,
        JSON.parse(before.request) as ReplacementGuardRequest,
        JSON.parse(properties.request) as ReplacementGuardRequest,
      );
      return 'no holder is replaced';
    }
    default:
      return assertNever(properties);
  }
}

function parseProperties(properties: Record<string, unknown>): RegistrarProperties {
  const { action, request } = properties;
  if ((action === 'register' || action === 'guard-replacement') && typeof request === 'string')
    return { action, request };
  throw new MalformedEvent('a custom resource without action and request: it belongs to another version of the stacks');
}
