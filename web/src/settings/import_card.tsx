/** What comes in: whether, from where, how far, as what; a look before anything is written; and what the last import did. */
import { IMPORT_KINDS, IMPORT_RANGES, TWO_WAY_MODES } from '../../../supabase/functions/_shared/vocabulary.ts';
import { useState } from 'preact/hooks';
import type { ImportStatus, ImportSummary } from '../backend/api.ts';
import { asFailure, type Failure } from '../backend/failure.ts';
import { type Live, useLive } from '../backend/live.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { useAction } from '../parts/action.ts';
import { useAgo } from '../parts/ago.ts';
import { useEdits } from '../parts/edits.ts';
import { Choice, Counts, Progress, Toggle } from '../parts/fields.tsx';
import { lazy } from '../parts/lazy.tsx';
import { Link } from '../parts/navigation.tsx';
import { FailureNote, tellDone } from '../parts/notices.tsx';
import { type Provider, settingsPath } from '../providers.ts';
import { errorMessage, formatDate, formatMoment, said, t } from '../words/i18n.ts';
import { dayOf } from '../../../supabase/functions/_shared/zoned_time.ts';
import { CalendarSelect } from './calendar_select.tsx';
import type { PreviewProps } from './import_preview.tsx';
import { type Days, daysOf, faultOf, type ImportRange, instantsOf } from './import_window.ts';
import type { SettingsCardProps } from './sync_card.tsx';
import { words } from './words.ts';

const ImportPreview = lazy<PreviewProps>(async () => (await import('./import_preview.tsx')).ImportPreview);

/** What was looked at, and may be imported just so. */
interface Preview {
  readonly answer: ImportSummary;
  readonly calendarId: string;
  readonly days: Days;
}

export function ImportCard({ provider, status, settings, live, calendars }: SettingsCardProps) {
  const { api, member } = useWorkspace();
  const zone = member.organisation.timezone;
  const { calendar_source_id, import_enabled, import_range_default, import_as, two_way } = settings;
  const { current, changes, dirty, edit, reset } = useEdits(`import.${provider.id}`, {
    calendar_source_id,
    import_enabled,
    import_range_default,
    import_as,
    two_way,
  });
  const today = dayOf(new Date().toISOString(), zone);
  const [custom, setCustom] = useState<Days>(() => daysOf('30d', today));
  const [preview, setPreview] = useState<Preview | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [under, setUnder] = useState<'preview' | 'import' | null>(null);
  const [saving, run] = useAction('settings.update');
  const imports = useLive(
    `imports ${member.organisation.id} ${provider.id}`,
    (signal) => api(provider.id).importStatus(signal),
    { tables: ['sync_runs', 'external_events', 'calendar_integrations'] },
  );

  const range = current.import_range_default;
  const days = range === 'custom' ? custom : daysOf(range, today);
  const fault = faultOf(days);
  const calendarId = current.calendar_source_id;
  const busy = under !== null || saving;
  const paused = status.paused !== null;
  const ready = calendarId !== null && fault === null && !busy && !paused;
  const sourceless = current.import_enabled && calendarId === null;

  const saveChanges = async () => {
    if (!dirty) return;
    live.set(await api(provider.id).change(changes));
    reset();
  };
  const save = async (event: Event) => {
    event.preventDefault();
    if (sourceless) return document.getElementById('source')?.focus();
    if (await run(saveChanges)) tellDone(t.app.saved);
  };

  // What is on screen is what happens: choices not saved yet are saved first.
  const read = async (mode: 'preview' | 'import', fingerprint?: string | null) => {
    if (calendarId === null) return;
    setUnder(mode);
    setFailure(null);
    try {
      await saveChanges();
      const request = { calendarId, ...instantsOf(days, zone), mode, ...(fingerprint ? { fingerprint } : {}) };
      let answer = await api(provider.id).import(request);
      // A large one is not over when the service answers: the same question joins it.
      while (mode === 'preview' && answer.remaining) answer = await api(provider.id).import(request);
      setPreview(mode === 'preview' ? { answer, calendarId, days } : null);
      if (mode === 'import') tellDone(answer.remaining ? words.import.remaining : words.import.done);
    } catch (error) {
      setFailure(asFailure(error, `${provider.id}-import`));
    }
    // What comes with the answer moves the buttons: nothing can be pressed before all of it is drawn.
    await Promise.all([imports.refresh(), live.refresh()]);
    setUnder(null);
  };
  const change = (edits: Partial<typeof current>) => {
    // Another choice is another import: what was looked at no longer says what would happen.
    setPreview(null);
    edit(edits);
  };

  return (
    <form class='card' onSubmit={save} aria-labelledby='import-title'>
      <h2 id='import-title'>{words.import.heading(provider.badge)}</h2>
      <Toggle
        name='import'
        label={words.import.enabled(provider.badge)}
        hint={words.import.enabledHint}
        checked={current.import_enabled}
        onChange={(import_enabled) => edit({ import_enabled })}
      />
      <CalendarSelect
        id='source'
        label={words.import.source}
        placeholder={words.import.chooseSource}
        calendars={calendars}
        chosen={status.sourceCalendar}
        value={calendarId}
        writable={false}
        onChange={(calendar_source_id) => change({ calendar_source_id })}
      />
      <RangeChoice
        range={range}
        days={days}
        onRange={(import_range_default) => change({ import_range_default })}
        onDays={(custom) => {
          setPreview(null);
          setCustom(custom);
        }}
      />
      <div class='columns'>
        <Choice
          name='import-as'
          legend={words.import.as}
          options={IMPORT_KINDS}
          labels={words.import.asOptions}
          value={current.import_as}
          onChange={(import_as) => change({ import_as })}
        />
        <Choice
          name='two-way'
          legend={words.import.twoWay}
          options={TWO_WAY_MODES}
          labels={words.import.twoWayOptions}
          value={current.two_way}
          onChange={(two_way) => change({ two_way })}
        />
      </div>
      {dirty && (
        <div class='buttons'>
          <span id='import-reason' class='hint unsaved' role='status'>
            {sourceless ? words.import.needsSource : words.sync.unsaved}
          </span>
          <button type='button' disabled={busy} onClick={reset}>{t.app.cancel}</button>
          <button
            type='submit'
            class='primary'
            disabled={busy}
            aria-disabled={sourceless}
            aria-busy={saving}
            aria-describedby='import-reason'
          >
            {t.app.save}
          </button>
        </div>
      )}
      <hr />
      <LastImport provider={provider} imports={imports} zone={zone} />
      {(under !== null || imports.data?.running) && (
        <div class='stack-tight' data-progress='import'>
          <Progress>
            {imports.data?.running
              ? words.import.progress(imports.data.running.pages, imports.data.running.events)
              : under === 'preview'
              ? words.import.previewing
              : words.import.importing}
          </Progress>
          {under !== 'preview' && <p class='hint'>{words.import.progressHint}</p>}
        </div>
      )}
      {failure !== null && (
        <div class='stack-tight'>
          <FailureNote failure={failure} />
          {said(words.import.hints, failure.code) && <p class='hint'>{said(words.import.hints, failure.code)}</p>}
        </div>
      )}
      {preview !== null && <ImportPreview answer={preview.answer} zone={zone} onClose={() => setPreview(null)} />}
      <div class='buttons'>
        {paused && <span id='import-paused' class='hint unsaved'>{words.paused.short}</span>}
        <button
          type='button'
          disabled={!ready}
          aria-busy={under === 'preview'}
          aria-describedby={paused ? 'import-paused' : undefined}
          onClick={() => void read('preview')}
        >
          {under === 'preview'
            ? words.import.previewing
            : preview === null && failure?.code !== 'PREVIEW_OUTDATED'
            ? words.import.previewNow
            : words.import.newPreview}
        </button>
        <button
          type='button'
          class='primary'
          disabled={!ready || failure?.code === 'PREVIEW_OUTDATED'}
          aria-busy={under === 'import'}
          aria-describedby={paused ? 'import-paused' : undefined}
          onClick={() => void read('import', preview?.answer.fingerprint)}
        >
          {under === 'import' ? words.import.importing : words.import.importNow}
        </button>
      </div>
    </form>
  );
}

interface RangeProps {
  readonly range: ImportRange;
  readonly days: Days;
  readonly onRange: (range: ImportRange) => void;
  readonly onDays: (days: Days) => void;
}

function RangeChoice({ range, days, onRange, onDays }: RangeProps) {
  const fault = faultOf(days);
  return (
    <fieldset>
      <legend>{words.import.range}</legend>
      <div class='segments'>
        {IMPORT_RANGES.map((option) => (
          <label key={option}>
            <input
              type='radio'
              name='range'
              value={option}
              checked={option === range}
              onChange={() => onRange(option)}
            />
            <span>{words.import.ranges[option]}</span>
          </label>
        ))}
      </div>
      {range === 'custom'
        ? (
          <div class='period'>
            <label>
              {words.import.from}
              <input
                type='date'
                name='from'
                required
                value={days.from}
                onInput={({ currentTarget: { value } }) => onDays({ ...days, from: value })}
              />
            </label>
            <label>
              {words.import.to}
              <input
                type='date'
                name='to'
                required
                value={days.to}
                aria-invalid={fault !== null}
                aria-describedby='range-hint'
                onInput={({ currentTarget: { value } }) => onDays({ ...days, to: value })}
              />
            </label>
            <p id='range-hint' class='hint' role='status'>
              {fault === 'order' ? words.import.windowOrder : fault === 'long' ? words.import.windowLong : ''}
            </p>
          </div>
        )
        : <p class='hint'>{words.import.window(formatDate(days.from), formatDate(days.to))}</p>}
    </fieldset>
  );
}

interface LastProps {
  readonly provider: Provider;
  readonly imports: Live<ImportStatus>;
  readonly zone: string;
}

function LastImport({ provider, imports, zone }: LastProps) {
  const { data, failure, refresh } = imports;
  if (data === null) {
    if (failure === null) return <p class='loading' role='status'>{t.app.loading}</p>;
    return (
      <div class='stack'>
        <FailureNote failure={failure} />
        <button type='button' onClick={() => void refresh()}>{t.app.retry}</button>
      </div>
    );
  }
  const { last } = data;
  return (
    <div class='stack-tight'>
      <dl class='facts'>
        <dt>{words.import.lastImport}</dt>
        <dd data-fact='last-import'>
          {data.lastImportAt === null ? words.import.never : <Ago at={data.lastImportAt} zone={zone} />}
        </dd>
        {data.error !== null && (
          <>
            <dt>{words.import.trouble}</dt>
            <dd data-fact='import-error' data-code={data.error}>{errorMessage(data.error, words.failures.unknown)}</dd>
          </>
        )}
        {data.enabled && (
          <>
            {data.nextAt !== null && (
              <>
                <dt>{words.import.nextImport}</dt>
                <dd>{formatMoment(data.nextAt, zone)}</dd>
              </>
            )}
            {provider.capabilities.push && (
              <>
                <dt>{words.import.follow}</dt>
                <dd>{words.import.push[data.push]}</dd>
              </>
            )}
          </>
        )}
      </dl>
      {last !== null && last.finishedAt !== null && (
        <>
          <div class='card-title'>
            <h3>{words.import.summaryTitle}</h3>
            <Link to={`${settingsPath(provider)}/report/${last.runId}`}>{words.import.report}</Link>
          </div>
          {last.error === null
            ? <Counts counts={last.summary} labels={words.import.summary} />
            : <p class='banner banner-warning'>{trouble(last.error)}</p>}
        </>
      )}
    </div>
  );
}

function Ago({ at, zone }: { at: string; zone: string }) {
  return <time dateTime={at}>{useAgo(at, zone)}</time>;
}

/** A run that was left without its connection: here, where there is one, it was switched off under way. */
function trouble(code: string): string {
  return code === 'NOT_CONNECTED' ? words.import.interrupted : errorMessage(code, words.failures.unknown);
}
