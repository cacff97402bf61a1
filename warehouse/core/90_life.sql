-- Was a person alive on day V, as known on day D? The first sign of death presumes, Public Security confirms.
drop function if exists core.life_on(text, date, date);
create function core.life_on(master_id text, valid_on date, known_on date)
returns table (life_state text, death_date date, feed text, record_key text, batch_no text, known_from date)
language sql stable strict parallel safe as $$
    with file as materialized (select core.survivor_on(life_on.master_id, known_on) as id), said as (
        select t.field, t.value, t.feed, t.record_key, t.batch_no, t.valid_from, t.since_date, null::date as until_date
        from core.person_value t
        where t.master_id = (select id from file) and t.is_winner and t.field in ('life_state', 'death_date')
        union all
        select t.field, t.value, t.feed, t.record_key, t.batch_no, t.valid_from, t.since_date, t.until_date
        from core.person_value_history t
        where t.master_id = (select id from file) and t.is_winner and t.field in ('life_state', 'death_date')
    ), known as (
        select * from said s where s.since_date <= known_on and (s.until_date is null or s.until_date > known_on)
    ), dead as (
        select s.*, d.value::date as death_date
        from known s left join known d on d.field = 'death_date'
        where s.field = 'life_state' and valid_on >= coalesce(d.value::date, s.valid_from, s.since_date)
        order by s.since_date desc limit 1
    )
    select coalesce(d.value, 'alive'), d.death_date, d.feed, d.record_key, d.batch_no, d.since_date
    from file f left join dead d on true where f.id is not null
$$;
comment on function core.life_on(text, date, date) is
    'Whether a person was alive, presumed dead or confirmed dead on day valid_on as known on day known_on, with its source; personal';
