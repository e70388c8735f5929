create or replace function private.folded(p_text text) returns text
language sql immutable parallel safe set search_path = ''
as $$
  -- Letters and their accents come apart, the accents go; a few letters have no parts.
  select btrim(regexp_replace(
    replace(replace(replace(
      translate(
        lower(regexp_replace(normalize(p_text, NFKD), '[\u0300-\u036f]', '', 'g')),
        'ŒÆẞØŁĐøłđı', 'œæßoldoldi'),
      'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss'),
    '[[:space:][:punct:]’]+', ' ', 'g'));
$$;
comment on function private.folded(text) is
  'Words as they are compared: without accents and signs, in small letters, with one blank between them.';
