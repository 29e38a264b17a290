/** What a StateStore must do, as one suite that runs against the store in memory and against DynamoDB. */
import type { StateStore } from '../../../lib/domain/ports';
import { specifyConverging } from './converging';
import { specifyDeciding } from './deciding';
import { specifyIncidents } from './incidents';
import { specifyObserving } from './observing';
import { specifyRegistration } from './registration';
import { specifyRetargeting } from './retargeting';
import { stageOf } from './stage';

/** @param open gives an empty store each time */
export function specifyStateStore(open: () => Promise<StateStore> | StateStore): void {
  let store: StateStore;
  beforeEach(async () => {
    store = await open();
  });
  const stage = stageOf(() => store);

  specifyRegistration(stage);
  specifyObserving(stage);
  specifyDeciding(stage);
  specifyRetargeting(stage);
  specifyConverging(stage);
  specifyIncidents(stage);
}
