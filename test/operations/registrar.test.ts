import { onDeployment, type RegistrarEvent } from '../../lib/operations/registrar';
import type { RegisterDeps } from '../../lib/operations/register';
import { silentLog } from '../support/fake-world';

/** Whatever reaches the outside fails: these questions are answered without it. */
const deps = { log: silentLog } as unknown as RegisterDeps;

const ask = (event: Partial<RegistrarEvent>) =>
  onDeployment(deps, 'pbx', { RequestType: 'Create', ResourceProperties: {}, ...event });

describe('what CloudFormation asks', () => {
  it('is refused without properties that can be read, under an id that says so', async () => {
    expect(await ask({})).toMatchObject({ status: 'FAILED', physicalResourceId: 'pbx/unknown' });
  });

  it('to delete what was refused so is granted: nothing was ever made', async () => {
    expect(await ask({ RequestType: 'Delete', PhysicalResourceId: 'pbx/unknown' })).toMatchObject({
      status: 'SUCCESS',
      physicalResourceId: 'pbx/unknown',
    });
  });

  it('is answered under the id that CloudFormation knows, also one that it made up', async () => {
    const PhysicalResourceId = 'stack-Guard-1ABC';
    const ResourceProperties = { action: 'guard-replacement', request: '{}' };
    const answer = await ask({ RequestType: 'Delete', PhysicalResourceId, ResourceProperties });
    expect(answer).toMatchObject({ status: 'SUCCESS', physicalResourceId: PhysicalResourceId });
  });

  it('of an update is answered under the same id, or CloudFormation would delete the old resource', async () => {
    const answer = await ask({ RequestType: 'Update', PhysicalResourceId: 'pbx/register' });
    expect(answer).toMatchObject({ status: 'FAILED', physicalResourceId: 'pbx/register' });
  });
});
