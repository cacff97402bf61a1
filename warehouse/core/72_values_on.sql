-- What did we believe on day D about day V? Of all golden values known by D, the latest one that held on V.
-- A value holds from the day its department names (else from the day we knew) until a later word begins, or until the
-- day we learnt that nobody says it any more. What never changes (birth date, sex, ethnic group) holds on every day.
create or replace function core.is_lifelong(field text) returns boolean
language sql immutable strict parallel safe as $$
    select field in ('birth_date', 'sex', 'ethnicity')
$$;
comment on function core.is_lifelong(text) is 'Whether a new word on a field corrects it for all days, as it never changes in life';

do $make$
declare subject text;
begin
    foreach subject in array array['person', 'enterprise'] loop
        execute format($sql$
            create or replace function core.%1$s_on(master_id text, valid_on date, known_on date)
            returns table (field text, value text, feed text, batch_no text, valid_from date, known_from date)
            language sql stable strict parallel safe as $body$
                with file as materialized (select core.survivor_on(%1$s_on.master_id, known_on) as id), said as (
                    select t.field, t.value, t.feed, t.batch_no, t.valid_from, t.since_date, null::date as until_date,
                        t.record_key
                    from core.%1$s_value t where t.master_id = (select id from file) and t.is_winner
                    union all
                    select t.field, t.value, t.feed, t.batch_no, t.valid_from, t.since_date, t.until_date, t.record_key
                    from core.%1$s_value_history t where t.master_id = (select id from file) and t.is_winner
                )
                select distinct on (s.field) s.field, s.value, s.feed, s.batch_no, s.valid_from, s.since_date
                from said s
                where s.since_date <= known_on
                  and (core.is_lifelong(s.field) or coalesce(s.valid_from, s.since_date) <= valid_on)
                  and (s.until_date is null or s.until_date > known_on
                       or (not core.is_lifelong(s.field) and s.until_date > valid_on and s.until_date > s.since_date
                           and not exists (select from core.file_on(s.record_key, known_on) o where o.master_id <> (select id from file))))
                order by s.field, s.since_date desc, coalesce(s.valid_from, s.since_date) desc, s.record_key
            $body$
        $sql$, subject);
        execute format('comment on function core.%1$s_on(text, date, date) is %2$L', subject,
            'What was believed on day known_on about the ' || subject || ' on day valid_on, field by field; personal');
    end loop;
end $make$;
