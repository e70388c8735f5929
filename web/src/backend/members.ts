/** Who works where. */
import type { Language, Role } from '../../../supabase/functions/_shared/vocabulary.ts';
import { askAll } from './ask.ts';
import type { Backend } from './backend.ts';
import { locale } from '../words/i18n.ts';

export interface Organisation {
  readonly id: string;
  readonly name: string;
  /** IANA name. */
  readonly timezone: string;
  readonly event_title_template: string;
  readonly event_language: Language;
  readonly default_duration_minutes: number;
}

/** The user at work in one of their practices. */
export interface Membership {
  readonly memberId: string;
  readonly userId: string;
  readonly role: Role;
  readonly displayName: string;
  /** Null: those of the name. */
  readonly initials: string | null;
  readonly color: number;
  readonly organisation: Organisation;
}

/** The columns of an organisation. */
export const ORGANISATION = 'id, name, timezone, event_title_template, event_language, default_duration_minutes';

export async function readMemberships({ db }: Backend, userId: string): Promise<Membership[]> {
  type Row = Pick<Membership, 'role' | 'initials' | 'color' | 'organisation'> & { id: string; display_name: string };
  const rows = await askAll<Row>(
    'memberships.read',
    (first, last) =>
      db.from('organisation_members')
        .select(`id, role, display_name, initials, color, organisation:organisations(${ORGANISATION})`)
        .eq('user_id', userId).order('id').range(first, last),
  );
  return rows
    .map(({ id, role, display_name, initials, color, organisation }) => ({
      memberId: id,
      userId,
      role,
      displayName: display_name,
      initials,
      color,
      organisation,
    }))
    .sort((a, b) => a.organisation.name.localeCompare(b.organisation.name, locale));
}
