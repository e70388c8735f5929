import { describe, expect, test } from 'vitest';
import { connectedApi, EVENTS, newEmulator, timed } from './visitor.ts';

describe('mail', () => {
  const withGuest = () => timed({ id: 'abcde', attendees: [{ email: 'guest@x.test' }] });

  test('sendUpdates=none sends nothing; anything else is counted as mail', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    await api('POST', `${EVENTS}?sendUpdates=none`, withGuest());
    await api('PATCH', `${EVENTS}/abcde?sendUpdates=none`, { summary: 'Silence' });
    expect(core.state().mails).toEqual([]);
    await api('PATCH', `${EVENTS}/abcde?sendUpdates=all`, { summary: 'Bruit' });
    await api('PUT', `${EVENTS}/abcde?sendUpdates=none`, timed());
    await api('PATCH', `${EVENTS}/abcde?sendUpdates=none`, { attendees: [{ email: 'guest@x.test' }] });
    await api('DELETE', `${EVENTS}/abcde`);
    const mails = core.state().mails.map(({ kind, to, sendUpdates }) => ({ kind, to, sendUpdates }));
    expect(mails).toEqual([
      { kind: 'update', to: ['guest@x.test'], sendUpdates: 'all' },
      { kind: 'cancellation', to: ['guest@x.test'], sendUpdates: null },
    ]);
  });

  test('a put that strips the guests mails them a cancellation', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    await api('POST', `${EVENTS}?sendUpdates=none`, withGuest());
    await api('PUT', `${EVENTS}/abcde?sendUpdates=all`, timed());
    expect(core.state().mails).toMatchObject([{ kind: 'cancellation', to: ['guest@x.test'] }]);
  });

  test('every call’s sendUpdates is on record', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    await api('POST', `${EVENTS}?sendUpdates=none`, timed({ id: 'abcde' }));
    await api('DELETE', `${EVENTS}/abcde`);
    const writes = core.state().calls.filter((call) => call.eventId === 'abcde');
    expect(writes.map((call) => [call.method, call.sendUpdates])).toEqual([['events.insert', 'none'], [
      'events.delete',
      null,
    ]]);
  });
});
