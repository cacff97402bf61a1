-- Values of code columns that no list knows, by feed and value, for who keeps the lists.
drop view if exists mart.unmapped_value;
create view mart.unmapped_value as
select feed, field, value, value_class, sum(row_count)::bigint as row_count, count(*) as delivery_count,
    min(batch_no) as first_batch_no, max(batch_no) as last_batch_no
from ops.unmapped_value
group by feed, field, value, value_class;
comment on view mart.unmapped_value is 'Values of code columns that no list knows; ask the department, then add them to the contract';
comment on column mart.unmapped_value.feed is 'Feed';
comment on column mart.unmapped_value.field is 'Field';
comment on column mart.unmapped_value.value is 'Value as sent; null where it might be a person''s';
comment on column mart.unmapped_value.value_class is 'Shape of the value (D18, H3)';
comment on column mart.unmapped_value.row_count is 'Rows of all deliveries that held it';
comment on column mart.unmapped_value.delivery_count is 'Deliveries that held it';
comment on column mart.unmapped_value.first_batch_no is 'First of them';
comment on column mart.unmapped_value.last_batch_no is 'Last of them';
