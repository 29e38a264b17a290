import { simulateHandOvers } from './hand-over';
it('figures', async () => {
    console.log('seed', JSON.stringify(await simulateHandOvers({ seed: 11, hours: 24, lostTicks: 0.1, crashesPerDay: 0, deployment: true })));
}, 300000);
