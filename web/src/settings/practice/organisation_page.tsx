/** What holds for the whole practice: its name, its clock, and the title of its events. */
import { EVENT_DETAILS, type Language, LANGUAGES } from '../../../../supabase/functions/_shared/vocabulary.ts';
import { useMemo, useRef } from 'preact/hooks';
import { changed } from '../../backend/ask.ts';
import { Failure } from '../../backend/failure.ts';
import { ORGANISATION } from '../../backend/members.ts';
import { useWorkspace } from '../../backend/workspace.ts';
import { useAction } from '../../parts/action.ts';
import { useEdits } from '../../parts/edits.ts';
import { tellDone } from '../../parts/notices.tsx';
import { usePageTitle } from '../../parts/page_title.ts';
import { formatTime, t } from '../../words/i18n.ts';
import { MembersCard } from './members_card.tsx';
import { EventPreview } from '../event_preview.tsx';
import { words as settings } from '../words.ts';
import { words } from './words.ts';

const PLACEHOLDERS = ['type', 'patient', 'practitioner', 'act', 'location'] as const;

export function OrganisationPage() {
  const { backend, member, amend } = useWorkspace();
  usePageTitle(settings.nav.organisation);
  const { id, name, timezone, event_title_template, event_language, default_duration_minutes } = member.organisation;
  const { current, changes, dirty, edit, reset } = useEdits('organisation', {
    name,
    timezone,
    event_title_template,
    event_language,
    default_duration_minutes,
  });
  const [busy, run] = useAction('organisation.update');
  const template = useRef<HTMLInputElement>(null);
  const mayEdit = member.role === 'admin';
  const zones = useMemo(() => [...new Set([timezone, 'UTC', ...Intl.supportedValuesOf('timeZone')])].sort(), [
    timezone,
  ]);
  const knownZone = zones.includes(current.timezone);
  const unknown = [...current.event_title_template.matchAll(/\{(\w*)\}/g)].map(([whole, key]) => ({ whole, key }))
    .filter(({ key }) => !(PLACEHOLDERS as readonly string[]).includes(key ?? ''))
    .map(({ whole }) => whole);

  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const saved = await run(async () => {
      if (!knownZone) {
        throw new Failure(words.organisation.zoneUnknown, { code: 'INVALID_REQUEST', step: 'organisation.check' });
      }
      const request = backend.db.from('organisations').update(changes).eq('id', id);
      amend({ ...member, organisation: await changed('organisation.update', request.select(ORGANISATION)) });
    });
    if (!saved) return;
    reset();
    tellDone(t.app.saved);
  };

  /** Where the cursor is, or at the end. */
  const insert = (placeholder: string) => {
    const input = template.current;
    const text = current.event_title_template;
    const at = input?.selectionStart ?? text.length;
    const until = input?.selectionEnd ?? at;
    edit({ event_title_template: text.slice(0, at) + placeholder + text.slice(until) });
    requestAnimationFrame(() => {
      input?.focus();
      input?.setSelectionRange(at + placeholder.length, at + placeholder.length);
    });
  };

  return (
    <>
      <header>
        <h1>{settings.nav.organisation}</h1>
        <p class='lead'>{words.organisation.intro}</p>
      </header>
      {!mayEdit && <p class='banner'>{words.organisation.readOnly}</p>}
      <form onSubmit={save} class='stack'>
        <fieldset class='card' disabled={!mayEdit}>
          <div class='fields'>
            <label class='wide'>
              {words.organisation.name}
              <input
                name='name'
                value={current.name}
                required
                pattern='.*\S.*'
                maxLength={200}
                autocomplete='organization'
                onInput={({ currentTarget: { value } }) => edit({ name: value })}
              />
            </label>
            <label>
              {words.organisation.zone}
              <input
                name='timezone'
                list='zones'
                value={current.timezone}
                required
                autocomplete='off'
                spellcheck={false}
                aria-invalid={!knownZone}
                aria-describedby='zone-hint'
                onInput={({ currentTarget: { value } }) => edit({ timezone: value })}
              />
              <datalist id='zones'>{zones.map((zone) => <option key={zone} value={zone} />)}</datalist>
              <span id='zone-hint' class='hint'>
                {knownZone
                  ? words.organisation.zoneHint(formatTime(new Date().toISOString(), current.timezone))
                  : words.organisation.zoneUnknown}
              </span>
            </label>
            <label>
              {words.organisation.duration}
              <span class='with-unit'>
                <input
                  name='duration'
                  type='number'
                  min={5}
                  max={1440}
                  step={5}
                  required
                  value={current.default_duration_minutes}
                  aria-describedby='duration-hint'
                  onInput={({ currentTarget: { valueAsNumber } }) => {
                    if (!Number.isNaN(valueAsNumber)) edit({ default_duration_minutes: valueAsNumber });
                  }}
                />
                {words.organisation.minutes}
              </span>
              <span id='duration-hint' class='hint'>{words.organisation.durationHint}</span>
            </label>
          </div>
        </fieldset>
        <fieldset class='card' disabled={!mayEdit}>
          <h2>{words.organisation.titleHeading}</h2>
          <label>
            {words.organisation.language}
            <select
              name='language'
              value={current.event_language}
              aria-describedby='language-hint'
              onChange={({ currentTarget: { value } }) => edit({ event_language: value as Language })}
            >
              {LANGUAGES.map((one) => <option key={one} value={one}>{words.organisation.languages[one]}</option>)}
            </select>
            <span id='language-hint' class='hint'>{words.organisation.languageHint}</span>
          </label>
          <label>
            {words.organisation.template}
            <input
              ref={template}
              name='template'
              class='code'
              value={current.event_title_template}
              required
              maxLength={300}
              autocomplete='off'
              spellcheck={false}
              aria-describedby='template-hint'
              onInput={({ currentTarget: { value } }) => edit({ event_title_template: value })}
            />
            <span id='template-hint' class='hint'>{words.organisation.templateHint}</span>
          </label>
          <p class='chips'>
            {PLACEHOLDERS.map((key) => (
              <button
                key={key}
                type='button'
                class='chip'
                aria-label={words.organisation.insert(words.organisation.placeholders[key])}
                onClick={() => insert(`{${key}}`)}
              >
                {words.organisation.placeholders[key]}
              </button>
            ))}
          </p>
          {unknown.length > 0 && (
            <p class='banner banner-warning' role='status'>
              {words.organisation.unknownPlaceholder(unknown.join(', '))}
            </p>
          )}
          <h3>{words.organisation.preview}</h3>
          <div class='previews'>
            {EVENT_DETAILS.map((detail) => (
              <figure key={detail}>
                <figcaption class='hint'>{settings.sync.details[detail]?.[0]}</figcaption>
                <EventPreview
                  template={current.event_title_template}
                  language={current.event_language}
                  zone={knownZone ? current.timezone : timezone}
                  practitioner={member.displayName}
                  detail={detail}
                />
              </figure>
            ))}
          </div>
          {(changes.event_title_template ?? changes.event_language) !== undefined && (
            <p class='hint'>{words.organisation.rewrites}</p>
          )}
        </fieldset>
        {mayEdit && (
          <div class='buttons'>
            {dirty && <button type='button' disabled={busy} onClick={reset}>{t.app.cancel}</button>}
            <button type='submit' class='primary' disabled={busy || !dirty} aria-busy={busy}>{t.app.save}</button>
          </div>
        )}
      </form>
      {mayEdit && <MembersCard />}
    </>
  );
}
