-- Which scheme seals, by what this server offers.
do $$
begin
  perform private.choose_sealing();
end
$$;
