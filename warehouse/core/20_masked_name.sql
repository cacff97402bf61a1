-- A name as card services may show it: first and last character, the rest starred; of two characters the first.
create or replace function core.masked_name(name text) returns text
language sql immutable strict parallel safe as $$
    select case
        when char_length(name) <= 1 then '*'
        when char_length(name) = 2 then left(name, 1) || '*'
        else left(name, 1) || repeat('*', char_length(name) - 2) || right(name, 1)
    end
$$;
comment on function core.masked_name(text) is 'A name with all but its first and last character starred';
