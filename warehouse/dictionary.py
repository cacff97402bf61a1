"""docs/dictionary.md: every schema, table, view, column and function of the warehouse, from the database's comments."""

from __future__ import annotations

from warehouse.database import Connection
from warehouse.migrate import SCHEMAS

_HEAD = """# Dictionary of the warehouse

Made by `python -m warehouse dictionary` from the comments in the database; do not edit by hand.
*Personal* says that a column holds values of persons. A column named `since_…` or `until_…` belongs to the history.
"""
_RELATIONS = """
select n.nspname, c.oid::int8, c.relname, c.relkind::text, coalesce(obj_description(c.oid, 'pg_class'), '')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = any(%s) and c.relkind in ('r', 'v', 'm', 'p')
order by n.nspname, c.relname
"""
_COLUMNS = """
select a.attrelid::int8, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    coalesce(col_description(a.attrelid, a.attnum), '')
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname = any(%s) and c.relkind in ('r', 'v', 'm', 'p') and a.attnum > 0 and not a.attisdropped
order by a.attrelid, a.attnum
"""
_FUNCTIONS = """
select n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid),
    coalesce(obj_description(p.oid, 'pg_proc'), '')
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname = any(%s) order by n.nspname, p.proname, 3
"""


def describe_warehouse(conn: Connection) -> str:
    """The dictionary as Markdown, in order of the schemas' list and of names; the same database gives the same text."""
    schemas = list(SCHEMAS)
    columns: dict[int, list[tuple[str, str, bool, str]]] = {}
    for relation, column, kind, required, comment in conn.execute(_COLUMNS, (schemas,)).fetchall():
        columns.setdefault(relation, []).append((column, kind, required, comment))
    relations = conn.execute(_RELATIONS, (schemas,)).fetchall()
    functions = conn.execute(_FUNCTIONS, (schemas,)).fetchall()
    lines = [_HEAD]
    for schema, about in SCHEMAS.items():
        lines.append(f"## {schema}\n\n{about}.\n")
        for _, oid, relation, kind, comment in (r for r in relations if r[0] == schema):
            word = "view" if kind in "vm" else "table"
            lines.append(f"### {schema}.{relation}\n\n{comment.rstrip('.')} ({word}).\n")
            lines.append("| column | type | never null | meaning |\n|---|---|---|---|")
            for column, type_name, required, text in columns.get(oid, []):
                lines.append(f"| `{column}` | {type_name} | {'yes' if required else ''} | {_cell(text)} |")
            lines.append("")
        for _, function, arguments, result, comment in (f for f in functions if f[0] == schema):
            lines.append(f"### {schema}.{function}({arguments})\n\n{comment}.\n\nReturns `{result}`.\n")
    return "\n".join(lines).rstrip() + "\n"


def undescribed(conn: Connection) -> list[str]:
    """Tables, views, columns and functions without a comment; there should be none."""
    schemas = list(SCHEMAS)
    relations = conn.execute(_RELATIONS, (schemas,)).fetchall()
    names = {oid: f"{schema}.{relation}" for schema, oid, relation, _, _ in relations}
    found = [f"{schema}.{relation}" for schema, _, relation, _, comment in relations if not comment]
    for relation, column, _, _, comment in conn.execute(_COLUMNS, (schemas,)).fetchall():
        if not comment:
            found.append(f"{names[relation]}.{column}")
    for schema, function, _, _, comment in conn.execute(_FUNCTIONS, (schemas,)).fetchall():
        if not comment:
            found.append(f"{schema}.{function}()")
    return sorted(found)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
