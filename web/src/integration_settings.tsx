/** Which calendar receives the appointments, which ones, and how much of them it shows. Saved together, on request. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Api, Calendar, EventDetail, IntegrationSettings, Scope } from './api.ts';
import { asFailure, type Failure } from './failure.ts';
import { t } from './i18n.ts';
import { FailureNote, tellDone, tellFailure } from './notices.tsx';

const DETAILS: readonly EventDetail[] = ['full', 'initials', 'busy'];
const SCOPES: readonly Scope[] = ['practitioner', 'organisation'];
const KEYS = ['calendar_target_id', 'export_enabled', 'event_detail', 'scope'] as const;

interface SettingsProps {
  readonly api: Api;
  readonly settings: IntegrationSettings;
  readonly target: { readonly id: string; readonly name: string | null } | null;
  readonly refresh: () => Promise<void>;
}

export function IntegrationSettingsForm({ api, settings, target, refresh }: SettingsProps) {
  const [calendars, setCalendars] = useState<readonly Calendar[] | Failure | null>(null);
  const [edits, setEdits] = useState<Partial<IntegrationSettings>>({});
  const [busy, setBusy] = useState(false);

  const load = useCallback(() => {
    setCalendars(null);
    api.calendars().then(setCalendars, (error) => setCalendars(asFailure(error, 'calendars')));
  }, [api]);
  useEffect(load, [load]);

  const current = { ...settings, ...edits };
  const changes = Object.fromEntries(
    KEYS.filter((key) => current[key] !== settings[key]).map((key) => [key, current[key]]),
  );
  const dirty = Object.keys(changes).length > 0;
  const edit = (change: Partial<IntegrationSettings>) => setEdits((before) => ({ ...before, ...change }));

  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await api.change(changes);
      await refresh();
      setEdits({});
      tellDone(t.app.saved);
    } catch (error) {
      tellFailure(error, 'settings');
    } finally {
      setBusy(false);
    }
  };

  return (
    <form class='card' onSubmit={save} aria-labelledby='settings-title'>
      <h2 id='settings-title'>{t.integration.settingsTitle}</h2>
      <label>
        {t.integration.target}
        <select
          name='target'
          value={current.calendar_target_id ?? ''}
          disabled={!Array.isArray(calendars)}
          onChange={({ currentTarget: { value } }) => edit({ calendar_target_id: value })}
        >
          {current.calendar_target_id === null && <option value='' disabled>{t.integration.chooseTarget}</option>}
          {target !== null && !has(calendars, target.id) && (
            <option value={target.id}>{target.name ?? target.id}</option>
          )}
          {Array.isArray(calendars) &&
            calendars.map(({ id, name, primary, canWrite }: Calendar) => (
              <option key={id} value={id} disabled={!canWrite}>
                {[name, primary && t.integration.primary, !canWrite && t.integration.readOnly].filter(Boolean).join(
                  ' — ',
                )}
              </option>
            ))}
        </select>
        <span class='hint'>{t.integration.targetHint}</span>
      </label>
      {calendars instanceof Error && (
        <>
          <FailureNote failure={calendars} />
          <button type='button' onClick={load}>{t.app.retry}</button>
        </>
      )}
      <label class='check'>
        <input
          type='checkbox'
          name='export'
          checked={current.export_enabled}
          onChange={({ currentTarget: { checked } }) => edit({ export_enabled: checked })}
        />
        <span>
          {t.integration.export}
          <span class='hint'>{t.integration.exportHint}</span>
        </span>
      </label>
      <div class='columns'>
        <Choice
          name='detail'
          legend={t.integration.detail}
          options={DETAILS}
          labels={t.integration.details}
          value={current.event_detail}
          onChange={(event_detail) => edit({ event_detail })}
        />
        <Choice
          name='scope'
          legend={t.integration.scope}
          options={SCOPES}
          labels={t.integration.scopes}
          value={current.scope}
          onChange={(scope) => edit({ scope })}
        />
      </div>
      <div class='buttons'>
        {dirty && <button type='button' disabled={busy} onClick={() => setEdits({})}>{t.app.cancel}</button>}
        <button type='submit' class='primary' disabled={!dirty || busy} aria-busy={busy}>{t.app.save}</button>
      </div>
    </form>
  );
}

function has(calendars: readonly Calendar[] | Failure | null, id: string): boolean {
  return Array.isArray(calendars) && calendars.some((calendar: Calendar) => calendar.id === id);
}

interface ChoiceProps<T extends string> {
  readonly name: string;
  readonly legend: string;
  readonly options: readonly T[];
  /** A name and what it means. */
  readonly labels: Record<T, string[]>;
  readonly value: T;
  readonly onChange: (value: T) => void;
}

function Choice<T extends string>({ name, legend, options, labels, value, onChange }: ChoiceProps<T>) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {options.map((option) => (
        <label key={option} class='check'>
          <input type='radio' name={name} value={option} checked={option === value} onChange={() => onChange(option)} />
          <span>
            {labels[option][0]}
            <span class='hint'>{labels[option][1]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
