create or replace function private.host_triggers()
returns table (host_table text, event text, name text, definition text)
language sql immutable set search_path = ''
as $$
  values
    ('organisations', 'update', 'organisations_mark_changed',
      'after update on %s for each row execute function private.mark_changed_organisations()'),
    ('organisation_members', 'update', 'organisation_members_mark_renamed',
      'after update on %s referencing old table as old_rows new table as new_rows for each statement '
      'execute function private.mark_renamed_members()'),
    ('organisation_members', 'update', 'organisation_members_recheck_scope',
      'after update of role, user_id, organisation_id on %s for each row when (old.user_id is not null) '
      'execute function private.recheck_scope()'),
    ('organisation_members', 'delete', 'organisation_members_recheck_scope_deleted',
      'after delete on %s for each row when (old.user_id is not null) execute function private.recheck_scope()'),
    ('organisation_members', 'update', 'organisation_members_stop',
      'after update of user_id, organisation_id on %s for each row execute function private.stop_former_member()'),
    ('organisation_members', 'delete', 'organisation_members_stop_deleted',
      'after delete on %s for each row execute function private.stop_former_member()'),
    ('patients', 'update', 'patients_mark_renamed',
      'after update on %s referencing old table as old_rows new table as new_rows for each statement '
      'execute function private.mark_renamed_patients()'),
    ('patients', 'delete', 'patients_forget',
      'before delete on %s for each row execute function private.forget_patient()'),
    ('rdv', 'insert', 'rdv_mark_inserted',
      'after insert on %s referencing new table as new_rows for each statement '
      'execute function private.mark_inserted_rdv()'),
    ('rdv', 'update', 'rdv_mark_updated',
      'after update on %s referencing old table as old_rows new table as new_rows for each statement '
      'execute function private.mark_updated_rdv()'),
    ('rdv', 'update', 'rdv_keep_before',
      'after update on %s referencing old table as old_rows for each statement '
      'execute function private.keep_before(''rdv'', ''starts_at'', ''ends_at'', ''status'', ''location'')'),
    ('rdv', 'delete', 'rdv_forget_before',
      'after delete on %s referencing old table as old_rows for each statement '
      'execute function private.keep_before(''rdv'')'),
    ('rdv', 'delete', 'rdv_mark_deleted',
      'after delete on %s referencing old table as old_rows for each statement '
      'execute function private.mark_deleted_rdv()');
$$;
comment on function private.host_triggers() is
  'What hears of changes in the practice app''s tables: triggers that private.adopt_table makes. definition: with %s '
  'for the table. event: what they hear of.';
