import { parseNotification } from '../../../local/demo/phone';

const envelope = (subject: string, message: string): string => JSON.stringify({ Subject: subject, Message: message });

describe('what comes to the phone', () => {
  test('a page of ours is prose', () => {
    const page = parseNotification(envelope('main: a -> b', 'Callers served: YES'), 5);

    expect(page).toEqual({ kind: 'page', subject: 'main: a -> b', body: 'Callers served: YES', receivedAtMs: 5 });
  });

  test("CloudWatch's alarm is JSON with the alarm's name", () => {
    expect(parseNotification(envelope('ALARM', '{"AlarmName":"failover"}'), 5).kind).toBe('alarm');
  });

  test('prose that begins with a brace is still a page', () => {
    expect(parseNotification(envelope('s', '{not JSON'), 5).kind).toBe('page');
    expect(parseNotification(envelope('s', '{"other":1}'), 5).kind).toBe('page');
  });
});
