/** Moves the Elastic IP: takes it off wherever it is, puts it on the new holder's address, believes only read-backs. */
import { ForeignOwner, OutsideRefused } from '../../domain/errors';
import type { EipAssociation } from '../../domain/ports';
import { done, notYet, type AddressLook, type Step, type StepContext } from './context';

const NO_ADDRESS = done('the VIP has no public address');

/** EC2 reads are eventually consistent: how often one step reads back, and how long it waits between. */
const READ_BACKS = 8;
const READ_BACK_PAUSE_MS = 150;

function isTarget(context: StepContext, association: EipAssociation | null): boolean {
  return (
    association !== null &&
    association.networkInterfaceId === context.to.networkInterfaceId &&
    association.privateAddress === context.targetAddress
  );
}

function where(association: EipAssociation | null): string {
  return association === null ? 'free' : `on ${association.privateAddress} (${association.networkInterfaceId})`;
}

/** Reads the association. Throws ForeignOwner when the ownership tag names another deployment. */
async function readOwn(context: StepContext, allocationId: string): Promise<EipAssociation | null> {
  const { association, owner } = await context.deps.elasticIps.read(allocationId);
  if (owner !== null && owner !== context.topology.owner) {
    throw new ForeignOwner(
      `Elastic IP ${allocationId} is tagged as owned by ${owner}, not ${context.topology.owner}: ` +
        'remove it from one of the two deployments, or correct its understudy:owner tag',
    );
  }
  return association;
}

async function readUntil(
  context: StepContext,
  allocationId: string,
  wanted: (association: EipAssociation | null) => boolean,
): Promise<EipAssociation | null> {
  let association = await readOwn(context, allocationId);
  for (let reads = 1; reads < READ_BACKS && !wanted(association); reads += 1) {
    await context.deps.clock.sleep(READ_BACK_PAUSE_MS * (0.5 + context.deps.random.next()));
    association = await readOwn(context, allocationId);
  }
  return association;
}

export const detachAddress: Step = async (context) => {
  const eip = context.vip.elasticIp;
  if (eip === null) return NO_ADDRESS;
  const seen = await look(context, eip.allocationId);
  context.seen = seen;
  const { association } = seen;
  if (association === null) return done(`${eip.publicIp} was free already`);
  if (isTarget(context, association)) return done(`${eip.publicIp} is on the new holder already`);

  await context.guard();
  // The exact association that was read: a newer one, made by somebody else meanwhile, is left alone.
  const answer = await context.deps.elasticIps.detach(association.associationId);
  context.seen = { ...seen, association: null };
  return done(`${eip.publicIp} was ${where(association)}: ${association.associationId} ${answer}`);
};

export const attachAddress: Step = async (context) => {
  const eip = context.vip.elasticIp;
  if (eip === null) return NO_ADDRESS;
  const { elasticIps } = context.deps;
  // What the detach of this very run left behind is news enough: each read of EC2 would be a part of the outage.
  const { association: before, occupant } = context.seen ?? (await look(context, eip.allocationId));
  context.seen = null;
  if (isTarget(context, before)) return done(`${eip.publicIp} reads ${where(before)}`);
  if (occupant !== null && occupant.allocationId !== eip.allocationId) {
    throw new OutsideRefused(
      `${context.targetAddress} on ${context.to.id} already carries the Elastic IP ${occupant.allocationId}: ` +
        'disassociate it, then the transition goes on by itself',
    );
  }
  await context.guard();
  if (before !== null) {
    // A stale actor won the moment between our detach and now (DESIGN invariant 4): take exactly its association away.
    await elasticIps.detach(before.associationId);
    await context.guard();
  }
  const answer = await elasticIps.attach({
    allocationId: eip.allocationId,
    networkInterfaceId: context.to.networkInterfaceId,
    privateAddress: context.targetAddress,
  });
  // Refused with AllowReassociation=false: somebody else was faster. The next attempt looks anew.
  if (answer === 'taken') return notYet(`${eip.publicIp} was taken between detach and attach`);
  // The read-back that shows it here shows it off the old holder too: the proof for all that follows.
  const after = await readUntil(context, eip.allocationId, (association) => isTarget(context, association));
  if (!isTarget(context, after)) return notYet(`attach said ${answer}; ${eip.publicIp} reads ${where(after)}`);
  return done(`${eip.publicIp} reads back ${where(after)}`);
};

async function look(context: StepContext, allocationId: string): Promise<AddressLook> {
  const [association, occupant] = await Promise.all([
    readOwn(context, allocationId),
    context.deps.elasticIps.readByPrivateAddress(context.to.networkInterfaceId, context.targetAddress),
  ]);
  return { association, occupant };
}
