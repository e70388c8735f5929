/** What is sent: whether, where, whose, and how much of it. Saved together, on request. */
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
import { EventPreview } from './event_preview.tsx';
import { words } from './words.ts';

const DETAILS = ['full', 'initials', 'busy'] as const;
const SCOPES = ['practitioner', 'organisation'] as const;

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
  const { current, changes, dirty, edit, reset } = useEdits({
    calendar_target_id,
    export_enabled,
    scope,
    event_detail,
  });
  const [busy, run] = useAction('settings.update');
  const name = provider.calendar[language];

  const save = async (event: Event) => {
    event.preventDefault();
    const saved = await run(async () => live.set(await api(provider.id).change(changes)));
    if (!saved) return;
    reset();
    tellDone(t.app.saved);
  };

  return (
    <form class='card' onSubmit={save} aria-labelledby='sync-title'>
      <h2 id='sync-title'>{words.sync.heading}</h2>
      <Toggle
        name='export'
        label={words.sync.export(name)}
        hint={words.sync.exportHint}
        checked={current.export_enabled}
        onChange={(export_enabled) => edit({ export_enabled })}
      />
      <CalendarSelect
        id='target'
        label={words.sync.target}
        placeholder={words.sync.chooseTarget}
        hint={words.sync.targetHint}
        calendars={calendars}
        chosen={status.targetCalendar}
        value={current.calendar_target_id}
        writable
        onChange={(calendar_target_id) => edit({ calendar_target_id })}
      />
      <div class='columns'>
        <Choice
          name='scope'
          legend={words.sync.scope}
          options={SCOPES}
          labels={words.sync.scopes}
          value={current.scope}
          refused={(option) =>
            option === 'organisation' && member.role === 'practitioner' ? words.sync.scopeForbidden : null}
          onChange={(scope) => edit({ scope })}
        />
        <Choice
          name='detail'
          legend={words.sync.detail}
          options={DETAILS}
          labels={words.sync.details}
          value={current.event_detail}
          onChange={(event_detail) => edit({ event_detail })}
        />
      </div>
      <figure>
        <figcaption>{words.sync.preview(name)}</figcaption>
        <div aria-live='polite'>
          <EventPreview
            template={member.organisation.event_title_template}
            zone={member.organisation.timezone}
            practitioner={member.displayName}
            detail={current.event_detail ?? 'busy'}
          />
        </div>
      </figure>
      <div class='buttons'>
        {dirty && <span class='hint unsaved'>{words.sync.unsaved}</span>}
        {dirty && <button type='button' disabled={busy} onClick={reset}>{t.app.cancel}</button>}
        <button type='submit' class='primary' disabled={!dirty || busy} aria-busy={busy}>{t.app.save}</button>
      </div>
    </form>
  );
}
