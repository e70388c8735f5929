create or replace function private.overlap_count(p_overlaps jsonb) returns integer
language plpgsql immutable set search_path = ''
as $$
begin
  return case when jsonb_array_length(p_overlaps) > 50 then 1 else jsonb_array_length(p_overlaps) end;
end
$$;
comment on function private.overlap_count(jsonb) is
  'How many questions there are (p_overlaps: {eventId, rdvId}[], the answer of overlap_questions): one an event, and '
  'one about all beyond fifty.';
