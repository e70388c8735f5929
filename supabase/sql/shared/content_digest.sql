create or replace function private.content_digest(p_content jsonb) returns text
language sql immutable set search_path = ''
as $$
  select encode(sha256(convert_to(p_content::text, 'UTF8')), 'hex');
$$;
comment on function private.content_digest(jsonb) is
  'Tells whether two events show the same, without a copy of what they show. p_content: EventContent of the provider '
  'port.';
