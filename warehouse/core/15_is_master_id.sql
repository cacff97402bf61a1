-- Whether a text is a master id as it was given out: prefix, eight signs of Crockford's base 32, and the check
-- character, a parity over the field of 32 elements that finds every single wrong sign and every swap of two.
create or replace function core.is_master_id(master_id text) returns boolean
language plpgsql immutable strict parallel safe as $$
declare
    signs constant text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    typed constant text := upper(btrim(master_id));
    total int := 0;
    sign int;
begin
    if typed !~ '^[PE][0-9A-HJKMNP-TV-Z]{9}$' then
        return false;
    end if;
    for place in 1..9 loop
        sign := strpos(signs, substr(typed, place, 1)) - 1;
        total := (total # sign) << 1;
        if total > 31 then
            total := total # 37;
        end if;
    end loop;
    return substr(signs, total + 1, 1) = substr(typed, 10, 1);
end $$;
comment on function core.is_master_id(text) is
    'Whether a text can be a master id: its check character fits; a mistyped id does not pass';
