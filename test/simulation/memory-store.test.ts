import { NotRegistered } from '../../lib/domain/errors';
import { MemoryStateStore } from '../../lib/simulation/memory-store';
import { aTopology } from '../support/store-fixtures';
import { specifyStateStore } from '../support/store-spec/specify';

describe('the state store in memory', () => {
  specifyStateStore(() => new MemoryStateStore());
});

describe('a store in memory', () => {
  it('does not say that a cluster is not paused when it does not know', async () => {
    const store = new MemoryStateStore();
    await store.ensureItems(aTopology(), { paused: true, reason: 'new table', epochs: {}, atMs: 0 });
    store.control = null;
    await expect(store.readStanding('main', 0)).rejects.toBeInstanceOf(NotRegistered);
  });

  const away = (): never => {
    throw new Error('away');
  };

  it('that is away has applied nothing', async () => {
    const store = new MemoryStateStore({ onCall: away });
    await expect(store.putTopology(aTopology())).rejects.toThrow('away');
    expect(store.topology).toBeNull();
  });

  it('whose answer is lost has applied what it was told', async () => {
    const store = new MemoryStateStore({ onAnswer: away });
    await expect(store.putTopology(aTopology())).rejects.toThrow('away');
    expect(store.topology).toEqual(aTopology());
  });
});
