create or replace function private.overlap_key(p_appointment tstzrange, p_event tstzrange) returns text
language sql immutable set search_path = ''
as $$
  select md5(concat_ws(' ', extract(epoch from lower(p_appointment)), extract(epoch from upper(p_appointment)),
    extract(epoch from lower(p_event)), extract(epoch from upper(p_event))));
$$;
comment on function private.overlap_key(tstzrange, tstzrange) is
  'Names the times of an appointment and an event, in whichever zone they are written.';
