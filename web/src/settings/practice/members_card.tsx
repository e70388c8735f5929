/** Who works in the practice, as what, and the way out: for its administrators. */
import { type Role, ROLES } from '../../../../supabase/functions/_shared/vocabulary.ts';
import { useState } from 'preact/hooks';
import { askAll, changed } from '../../backend/ask.ts';
import { useLive } from '../../backend/live.ts';
import { useWorkspace } from '../../backend/workspace.ts';
import { useAction } from '../../parts/action.ts';
import { FailureNote, Stale, tellDone } from '../../parts/notices.tsx';
import { PersonBadge } from '../../parts/person_badge.tsx';
import { initialsOfAll, type PersonMark } from '../../parts/person.ts';
import { locale, t } from '../../words/i18n.ts';
import { RemoveMember } from './remove_member.tsx';
import { words } from './words.ts';

export interface Member extends PersonMark {
  readonly id: string;
  /** Null while the person has no login. */
  readonly user_id: string | null;
  readonly role: Role;
}

const { compare } = new Intl.Collator(locale);

export function MembersCard() {
  const { backend, member } = useWorkspace();
  const [leaving, setLeaving] = useState<Member | null>(null);
  const live = useLive(
    `members ${member.organisation.id}`,
    (signal) =>
      askAll<Member>(
        'members.read',
        (first, last) =>
          backend.db.from('organisation_members').select('id, user_id, role, display_name, initials, color')
            .eq('organisation_id', member.organisation.id).order('display_name').order('id').range(first, last)
            .abortSignal(signal),
      ),
    { tables: [] },
  );
  const members = (live.data ?? []).toSorted((a, b) => compare(a.display_name, b.display_name));
  const initials = initialsOfAll(members);
  const administrators = members.filter(({ role, user_id }) => role === 'admin' && user_id !== null);
  return (
    <section class='card' aria-labelledby='members-title'>
      <h2 id='members-title'>{words.members.heading}</h2>
      <Stale live={live} />
      {live.data === null && live.failure === null && <p class='loading' role='status'>{t.app.loading}</p>}
      {live.data === null && live.failure !== null && <FailureNote failure={live.failure} />}
      <ul class='rows members'>
        {members.map((one, at) => (
          <MemberRow
            key={one.id}
            one={one}
            initials={initials[at]!}
            last={administrators.length === 1 && administrators[0]?.id === one.id}
            refresh={live.refresh}
            onRemove={() => setLeaving(one)}
          />
        ))}
      </ul>
      {leaving !== null && (
        <RemoveMember
          one={leaving}
          onClose={() => setLeaving(null)}
          onRemoved={() => {
            setLeaving(null);
            // Without their own membership the page has nothing more to show.
            if (leaving.id === member.memberId) location.assign('/');
            else void live.refresh();
          }}
        />
      )}
    </section>
  );
}

interface RowProps {
  readonly one: Member;
  readonly initials: string;
  /** Without this administrator the practice would have none. */
  readonly last: boolean;
  readonly refresh: () => Promise<void>;
  readonly onRemove: () => void;
}

function MemberRow({ one, initials, last, refresh, onRemove }: RowProps) {
  const { backend, member, amend } = useWorkspace();
  const [chosen, setChosen] = useState<Role | null>(null);
  const [busy, run] = useAction('members.update');
  const role = chosen ?? one.role;
  const mine = one.id === member.memberId;
  const reason = `reason-${one.id}`;

  const save = async (event: Event) => {
    event.preventDefault();
    const saved = await run(async () => {
      const request = backend.db.from('organisation_members').update({ role }).eq('id', one.id);
      const row = await changed<{ role: Role }>('members.update', request.select('role'));
      await refresh();
      if (mine) amend({ ...member, role: row.role });
    });
    setChosen(null);
    if (saved) tellDone(words.members.changed(one.display_name, words.profile.roles[role]));
  };

  return (
    <li data-member={one.id}>
      <form class='member' onSubmit={save} aria-label={one.display_name}>
        <p class='row-main row-title'>
          <PersonBadge initials={initials} color={one.color} /> {one.display_name}
          {mine && <span class='hint'>{words.members.you}</span>}
          {one.user_id === null && <span class='hint'>{words.members.noLogin}</span>}
        </p>
        <label>
          <span class='unseen'>{words.members.roleOf(one.display_name)}</span>
          <select
            value={role}
            disabled={last || busy}
            aria-describedby={last ? reason : undefined}
            onChange={({ currentTarget: { value } }) => setChosen(value === one.role ? null : value as Role)}
          >
            {ROLES.map((option) => <option key={option} value={option}>{words.profile.roles[option]}</option>)}
          </select>
        </label>
        <button
          type='button'
          class='danger-quiet'
          disabled={last || busy}
          aria-label={words.members.removeNamed(one.display_name)}
          aria-describedby={last ? reason : undefined}
          onClick={onRemove}
        >
          {words.members.remove}
        </button>
        {last && <p id={reason} class='hint member-note'>{words.members.lastAdministrator}</p>}
        {chosen !== null && (
          <div class='member-note banner' role='status'>
            <p>{consequence(one.role, chosen, mine)}</p>
            <div class='buttons'>
              <button type='button' disabled={busy} onClick={() => setChosen(null)}>{t.app.cancel}</button>
              <button type='submit' class='primary' disabled={busy} aria-busy={busy}>{words.members.change}</button>
            </div>
          </div>
        )}
      </form>
    </li>
  );
}

/** What the new role gives or takes, before it is saved. */
function consequence(from: Role, to: Role, mine: boolean): string {
  const lines = [
    to === 'admin' ? words.members.becomesAdmin : from === 'admin' ? words.members.noLongerAdmin : null,
    to === 'practitioner' ? words.members.ownOnly : null,
    from === 'admin' && mine ? words.members.yourself : null,
  ].filter((line) => line !== null);
  return lines.length === 0 ? words.members.roleChanges : lines.join(' ');
}
