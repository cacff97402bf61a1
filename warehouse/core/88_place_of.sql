-- Where an address lies, as read by the table of divisions nearest to the year of a day, and the division that lies there today.
create or replace function core.place_of(address text, day date)
returns table (division_code text, current_division_code text, division_confidence real, township text, village text, grp text,
    road text, number text, compound text, building text, unit text, room text)
language sql stable parallel safe as $$
    select p.division_code, coalesce(s.new_code, p.division_code), p.confidence, p.township, p.village, p.grp, p.road, p.number,
        p.compound, p.building, p.unit, p.room
    from core.address_place p left join ref.division_successor s on s.old_code = p.division_code
    where p.address_md5 = md5(place_of.address)
    order by abs(p.year - extract(year from day)), p.year limit 1
$$;
comment on function core.place_of(text, date) is
    'Parts and division of a standard address, by the table of the year nearest to a day, and the division of today; personal';
