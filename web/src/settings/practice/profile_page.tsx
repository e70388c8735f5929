/** Who the user is in this practice. */
import { useEffect, useState } from 'preact/hooks';
import { changed } from '../../backend/ask.ts';
import { useWorkspace } from '../../backend/workspace.ts';
import { useAction } from '../../parts/action.ts';
import { useEdits } from '../../parts/edits.ts';
import { tellDone } from '../../parts/notices.tsx';
import { PersonBadge } from '../../parts/person_badge.tsx';
import { initialsOf, PERSON_COLORS, type PersonMark } from '../../parts/person.ts';
import { usePageTitle } from '../../parts/page_title.ts';
import { language, t } from '../../words/i18n.ts';
import { useUserEmail } from '../user_email.ts';
import { words as settings } from '../words.ts';
import { words } from './words.ts';

export function ProfilePage() {
  const { backend, member, amend } = useWorkspace();
  usePageTitle(settings.nav.profile);
  const { current, dirty, edit, reset } = useEdits('profile', {
    name: member.displayName,
    initials: member.initials ?? '',
    color: member.color,
  });
  const [busy, run] = useAction('profile.update');
  const email = useUserEmail(backend);
  const name = current.name.trim();
  const initials = current.initials.trim() || null;

  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const saved = await run(async () => {
      const request = backend.db.from('organisation_members')
        .update({ display_name: name, initials, color: current.color }).eq('id', member.memberId);
      const { display_name, ...mark } = await changed<PersonMark>(
        'profile.update',
        request.select('display_name, initials, color'),
      );
      amend({ ...member, displayName: display_name, ...mark });
    });
    if (!saved) return;
    reset();
    tellDone(t.app.saved);
  };

  return (
    <>
      <header>
        <h1>{settings.nav.profile}</h1>
        <p class='lead'>{words.profile.intro}</p>
      </header>
      <form class='card' onSubmit={save}>
        <div class='fields'>
          <label class='wide'>
            {words.profile.name}
            <input
              name='name'
              value={current.name}
              required
              pattern='.*\S.*'
              maxLength={200}
              autocomplete='name'
              aria-describedby='name-hint'
              onInput={({ currentTarget: { value } }) => edit({ name: value })}
            />
            <span id='name-hint' class='hint'>{words.profile.nameHint}</span>
          </label>
          <label>
            {words.profile.initials}
            <input
              name='initials'
              value={current.initials}
              placeholder={initialsOf(name === '' ? member.displayName : name)}
              maxLength={3}
              autocomplete='off'
              aria-describedby='initials-hint'
              onInput={({ currentTarget: { value } }) => edit({ initials: value })}
            />
            <span id='initials-hint' class='hint'>{words.profile.initialsHint}</span>
          </label>
          <fieldset class='wide'>
            <legend>{words.profile.color}</legend>
            <div class='person-colors'>
              {PERSON_COLORS.map((color) => (
                <label key={color} class='person-color' title={words.profile.colors[color]}>
                  <input
                    type='radio'
                    name='color'
                    value={color}
                    checked={color === current.color}
                    onChange={() => edit({ color })}
                  />
                  <PersonBadge
                    initials={initials ?? initialsOf(name === '' ? member.displayName : name)}
                    color={color}
                  />
                  <span class='unseen'>{words.profile.colors[color]}</span>
                </label>
              ))}
            </div>
            <span class='hint'>{words.profile.colorHint}</span>
          </fieldset>
        </div>
        <dl class='facts'>
          <dt>{words.profile.email}</dt>
          <dd>{email}</dd>
          <dt>{t.app.organisation}</dt>
          <dd>{member.organisation.name}</dd>
          <dt>{words.profile.role}</dt>
          <dd>{words.profile.roles[member.role]}</dd>
        </dl>
        <div class='buttons'>
          {dirty && <button type='button' disabled={busy} onClick={reset}>{t.app.cancel}</button>}
          <button type='submit' class='primary' disabled={busy || !dirty || name === ''} aria-busy={busy}>
            {t.app.save}
          </button>
        </div>
      </form>
      <LanguageChoice />
    </>
  );
}

/** Another language is another catalogue: the page is loaded again, at the same place. */
function LanguageChoice() {
  const [chosen, setChosen] = useState(language);
  useEffect(() => {
    if (chosen !== language) location.search = `?lang=${chosen}`;
  }, [chosen]);
  return (
    <section class='card'>
      <label>
        {words.profile.language}
        <select
          name='language'
          value={chosen}
          onChange={({ currentTarget: { value } }) => setChosen(value === 'en' ? 'en' : 'fr')}
        >
          <option value='fr' lang='fr'>{words.profile.languages.fr}</option>
          <option value='en' lang='en'>{words.profile.languages.en}</option>
        </select>
      </label>
    </section>
  );
}
