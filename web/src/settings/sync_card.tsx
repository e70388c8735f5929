/**
 * What Cassius writes: where, whose appointments, and how much of them. While nothing is sent, it asks for all of that and waits for
 * « Commencer »; afterwards the same choices are saved on request.
 */
import { SCOPES } from '../../../supabase/functions/_shared/vocabulary.ts';
import { useRef } from 'preact/hooks';
import type { IntegrationSettings, IntegrationStatus } from '../backend/api.ts';
import type { Live } from '../backend/live.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { useAction } from '../parts/action.ts';
import { useEdits } from '../parts/edits.ts';
import { Choice, Toggle } from '../parts/fields.tsx';
import { tellDone } from '../parts/notices.tsx';
import type { Provider } from '../providers.ts';
import { language, t } from '../words/i18n.ts';
import { CalendarSelect } from './calendar_select.tsx';
import type { Calendars } from './calendars.ts';
import { DetailChoice } from './detail_choice.tsx';
import { useUpcoming } from './upcoming.ts';
import { words } from './words.ts';

export interface SettingsCardProps {
  readonly provider: Provider;
  readonly status: IntegrationStatus;
  readonly settings: IntegrationSettings;
  readonly live: Live<IntegrationStatus>;
  readonly calendars: Calendars;
}

export function SyncCard({ provider, status, settings, live, calendars }: SettingsCardProps) {
  const { api, member } = useWorkspace();
  const { calendar_target_id, export_enabled, scope, event_detail } = settings;
  const { current, changes, dirty, edit, reset } = useEdits(`sync.${provider.id}`, {
    calendar_target_id,
    export_enabled,
    scope,
    event_detail,
  });
  const [busy, run] = useAction('settings.update');
  const form = useRef<HTMLFormElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const name = provider.calendar[language];
  const account = status.account?.email ?? words.connection.unknownAccount;
  const started = export_enabled;
  const upcoming = useUpcoming(current.scope, !started);
  const mayScope = (option: string) => option !== 'organisation' || member.role !== 'practitioner';
  const missing = [
    current.calendar_target_id === null && words.start.calendar,
    !mayScope(current.scope) && words.start.scope,
    current.event_detail === null && words.start.detail,
  ].filter((what) => what !== false);

  const save = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    if (!started && missing.length > 0) {
      // Leads to what is still to be chosen: the list of calendars may still be on its way.
      form.current?.querySelector<HTMLElement>('select:enabled:has(option[value=""]:checked), [data-open] input')
        ?.focus();
      return;
    }
    const asked = started ? changes : { ...current, export_enabled: true };
    if (!await run(async () => live.set(await api(provider.id).change(asked)))) return;
    reset();
    tellDone(started ? t.app.saved : words.start.started);
    // The button that was pressed is another one now.
    if (!started) heading.current?.focus();
  };

  return (
    <form ref={form} class='card' onSubmit={save} aria-labelledby='sync-title' data-started={started}>
      <h2 id='sync-title' ref={heading} tabIndex={-1}>{started ? words.sync.heading : words.start.heading}</h2>
      {started
        ? (
          <Toggle
            name='export'
            label={words.sync.export(name)}
            hint={words.sync.exportHint}
            checked={current.export_enabled}
            onChange={(export_enabled) => edit({ export_enabled })}
          />
        )
        : (
          <p>
            {status.eventsInAccount === 0
              ? words.start.intro(account)
              : words.start.introStopped(account, status.eventsInAccount)}
          </p>
        )}
      <CalendarSelect
        id='target'
        label={words.sync.target}
        placeholder={words.sync.chooseTarget}
        hint={started ? words.sync.targetHint : words.start.targetHint(account)}
        calendars={calendars}
        chosen={status.targetCalendar}
        value={current.calendar_target_id}
        writable
        onChange={(calendar_target_id) => edit({ calendar_target_id })}
      />
      <Choice
        name='scope'
        legend={words.sync.scope}
        options={SCOPES}
        labels={words.sync.scopes}
        value={current.scope}
        refused={(option) => mayScope(option) ? null : words.sync.scopeForbidden}
        onChange={(scope) => edit({ scope })}
      />
      <DetailChoice
        legend={words.sync.detail}
        hint={words.start.previews(name)}
        value={current.event_detail}
        onChange={(event_detail) => edit({ event_detail })}
      />
      {started
        ? (
          <div class='buttons'>
            {dirty && <span class='hint unsaved'>{words.sync.unsaved}</span>}
            {dirty && <button type='button' disabled={busy} onClick={reset}>{t.app.cancel}</button>}
            <button type='submit' class='primary' disabled={!dirty || busy} aria-busy={busy}>{t.app.save}</button>
          </div>
        )
        : (
          <div class='buttons'>
            <p id='start-reason' class='hint unsaved' role='status'>
              {missing.length === 0 ? words.start.ready(account, upcoming) : words.start.missing(missing.join(', '))}
            </p>
            <button
              type='submit'
              class='primary'
              aria-disabled={missing.length > 0 || busy}
              aria-busy={busy}
              aria-describedby='start-reason'
            >
              {words.start.start}
            </button>
          </div>
        )}
    </form>
  );
}
