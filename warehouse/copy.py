"""Arrow in and out of PostgreSQL by COPY in CSV, null and '' kept apart, no Python loop over rows."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from psycopg import sql
from psycopg.abc import PQGen
from psycopg.waiting import Wait

from warehouse.database import Connection, columns, compose

ROWS_A_PIECE = 65_536

# Type numbers of pg_type are fixed for built-in types.
_ARROW_OF_OID: dict[int, pa.DataType] = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    700: pa.float32(),
    701: pa.float64(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
}
_TEXT_ARRAY_OIDS = {1009, 1015}
_NUMERIC_OID = 1700


def _array_literals(values: pa.Array) -> pa.Array:
    """PostgreSQL array text (``{"a","b"}``) of a list array; a null list stays null, a null element becomes NULL."""
    flat = pc.cast(values.flatten(), pa.string())
    escaped = pc.replace_substring(pc.replace_substring(flat, "\\", "\\\\"), '"', '\\"')
    quoted = pc.fill_null(pc.binary_join_element_wise('"', escaped, '"', ""), "NULL")
    lengths = pc.fill_null(pc.list_value_length(values), 0)
    offsets = pa.concat_arrays([pa.array([0], pa.int64()), pc.cumulative_sum(pc.cast(lengths, pa.int64()))])
    lists = pa.LargeListArray.from_arrays(offsets, pc.cast(quoted, pa.large_string()))
    joined = pc.binary_join(lists, pa.scalar(",", pa.large_string()))
    literal = pc.cast(pc.binary_join_element_wise("{", pc.cast(joined, pa.string()), "}", ""), pa.string())
    return pc.if_else(pc.is_null(values), pa.scalar(None, pa.string()), literal)


def _json_texts(values: pa.Array) -> pa.Array:
    """JSON text of a struct or map array, one conversion for each distinct value is not possible: small tables only."""
    return pa.array(
        [None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in values.to_pylist()], pa.string()
    )


def _as_csv_column(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # a table of no chunks
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], column.type)
    kind = array.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _array_literals(array)
    if pa.types.is_struct(kind) or pa.types.is_map(kind):
        return _json_texts(array)
    if pa.types.is_dictionary(kind):
        return array.dictionary_decode()
    if pa.types.is_null(kind):
        return array.cast(pa.string())
    return array


def copy_in(conn: Connection, table: str, rows: pa.Table) -> int:
    """Append an Arrow table to a table of the database; returns the rows PostgreSQL says it has taken.

    Parameters
    ----------
    table
        ``schema.name`` or the name of a temporary table; its columns are matched by name.
    rows
        Text, numbers, dates, timestamps, booleans, decimals, lists of text (→ arrays), structs (→ json).
    """
    if rows.num_rows == 0:
        return 0
    target = compose(
        "copy {table} ({columns}) from stdin (format csv)", table=table, columns=columns(rows.column_names)
    )
    options = pa_csv.WriteOptions(include_header=False, batch_size=ROWS_A_PIECE, quoting_style="needed")
    with conn.cursor() as cursor:
        with cursor.copy(target) as copy:
            for start in range(0, rows.num_rows, ROWS_A_PIECE):
                piece = rows.slice(start, ROWS_A_PIECE)
                plain = pa.table([_as_csv_column(c) for c in piece.columns], names=piece.column_names)
                sink = io.BytesIO()
                pa_csv.write_csv(plain, sink, options)
                copy.write(sink.getbuffer())
        return cursor.rowcount


def _parse_array_literals(texts: pa.Array) -> pa.Array:
    """Lists of text from PostgreSQL's array text; each distinct text is parsed once."""
    coded = texts.dictionary_encode()
    lists = [_parse_array_literal(t) for t in coded.dictionary.to_pylist()]
    return pa.array(lists, pa.list_(pa.string())).take(coded.indices)


def _parse_array_literal(text: str) -> list[str | None]:
    found: list[str | None] = []
    current: list[str] = []
    quoted = was_quoted = escaped = False
    for ch in text[1:-1] + ",":
        if escaped:
            current.append(ch)
            escaped = False
        elif ch == "\\":
            escaped = True
        elif ch == '"':
            quoted, was_quoted = not quoted, True
        elif ch == "," and not quoted:
            word = "".join(current)
            found.append(None if word == "NULL" and not was_quoted else word)
            current, was_quoted = [], False
        else:
            current.append(ch)
    return [] if text == "{}" else found


def copy_out(conn: Connection, query: str | sql.Composed) -> pa.Table:
    """The rows of a query as an Arrow table.

    Text, json, uuid and timestamps with a zone come as text; numeric as decimal of its declared precision (text if
    it declares none); arrays of text as lists; null and '' stay apart.
    """
    text = sql.SQL(query) if isinstance(query, str) else query
    with conn.cursor() as cursor:
        cursor.execute(sql.SQL("select * from ({}) q limit 0").format(text))
        described = cursor.description or []
        names = [d.name for d in described]
        types: list[pa.DataType] = []
        for d in described:
            decimal = d.type_code == _NUMERIC_OID and d.precision is not None
            fallback = pa.decimal128(d.precision or 38, d.scale or 0) if decimal else pa.string()
            types.append(_ARROW_OF_OID.get(d.type_code, fallback))
        sink = _copied(conn, sql.SQL("copy ({}) to stdout (format csv)").format(text))
        lists = [d.name for d in described if d.type_code in _TEXT_ARRAY_OIDS]
    schema = pa.schema(list(zip(names, types, strict=True)))
    if sink.tell() == 0:
        rows = schema.empty_table()
    else:
        sink.seek(0)
        rows = pa_csv.read_csv(
            sink,
            read_options=pa_csv.ReadOptions(column_names=names, block_size=1 << 24),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=pa_csv.ConvertOptions(
                column_types=schema,
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
                true_values=["t"],
                false_values=["f"],
                timestamp_parsers=[pa_csv.ISO8601],
            ),
        )
    for column in lists:
        place = rows.column_names.index(column)
        rows = rows.set_column(place, column, _parse_array_literals(rows[column].combine_chunks()))
    return rows


def _copied(conn: Connection, statement: sql.Composed) -> io.BytesIO:
    """What a COPY to stdout sends. It comes row by row: taken from libpq itself, where a row costs a fifth."""
    link, sink = conn.pgconn, io.BytesIO()
    begun = link.exec_(statement.as_bytes(conn))
    if begun.status != psycopg.pq.ExecStatus.COPY_OUT:
        raise psycopg.errors.error_from_result(begun, encoding=conn.info.encoding)

    def rows() -> PQGen[None]:
        while True:
            size, row = link.get_copy_data(1)
            if size > 0:
                sink.write(row)
            elif size < 0:
                return
            else:  # nothing has come yet
                while not (yield Wait.R):
                    pass
                link.consume_input()

    conn.wait(rows())
    ended = link.get_result()
    while link.get_result() is not None:
        pass
    if ended is None or ended.status != psycopg.pq.ExecStatus.COMMAND_OK:
        raise psycopg.errors.error_from_result(ended or begun, encoding=conn.info.encoding)
    return sink


@contextmanager
def keyed(conn: Connection, keys: pa.Array | pa.Table, column: str) -> Iterator[sql.Identifier]:
    """A temporary table of these keys, or of these columns of text, to join to, as long as the block lasts.

    Joined laterally with `offset 0` each key is sought by the index; where keys are a tenth of all, the planner would rather
    read the whole table, which costs what all costs.
    """
    table, rows = sql.Identifier(f"wanted_{column}"), keys if isinstance(keys, pa.Table) else pa.table({column: keys})
    texts = sql.SQL(", ").join(compose("{c} text", c=c) for c in rows.column_names)
    conn.execute(compose("create temp table {t} ({texts})", t=table, texts=texts))
    try:
        copy_in(conn, f"wanted_{column}", rows)
        conn.execute(compose("analyze {t}", t=table))
        yield table
    finally:
        if conn.info.transaction_status != psycopg.pq.TransactionStatus.INERROR:
            conn.execute(compose("drop table {t}", t=table))


def distinct_count(column: pa.ChunkedArray) -> int:
    """How many different values, null not counted."""
    return int(pc.count_distinct(column).as_py())


def as_text(rows: pa.Table, names: list[str]) -> pa.Table:
    """The named columns cast to text (dates as YYYY-MM-DD); missing ones are filled with null."""

    def column(name: str) -> Any:
        if name not in rows.column_names:
            return pa.nulls(rows.num_rows, pa.string())
        return pc.cast(rows[name], pa.string())

    return pa.table({name: column(name) for name in names})
