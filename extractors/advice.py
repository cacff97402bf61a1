"""What was expected where a row was rejected or a value found wrong, and what to do: the words a department reads."""

from __future__ import annotations

REJECTS = {
    "COLUMN_COUNT": ("as many values as the header has columns", "quote values that hold the delimiter"),
    "QUOTE_UNBALANCED": ("every quote closed", "double the quotes inside a quoted value"),
    "LINE_LENGTH": ("the agreed number of bytes", "pad each column to its width in bytes, not characters"),
    "JSON_BROKEN": ("one JSON object on the line", "write each row as one object without line ends"),
    "ELEMENT_TWICE": ("each element once in a row", "send one value, or the list in a column of its own"),
    "KEY_MISSING": ("every column of the key filled", "fill it, or leave the row out and say so"),
    "KEY_UNREADABLE": ("a key that can be read", "send it as text, not as a number of a spreadsheet"),
    "KEY_CONFLICT": (
        "one row for a key",
        "send the newest row only, or add the column that tells them apart to the key",
    ),
    "OP_UNKNOWN": ("I, U or D", "fill the operation column of every row"),
    "REQUIRED_MISSING": ("a value in a required column", "fill it at the source"),
    "COLUMNS_SHIFTED": ("the values of each column in its place", "quote addresses that hold a comma"),
}
FINDINGS = {
    "CODE_UNMAPPED": ("a code of the agreed list", "ask the department what it means, then add it under 'codes'"),
    "AREA_UNKNOWN": ("a division of GB/T 2260", "ask which division is meant"),
    "TOO_LONG": ("at most the agreed length", "ask whether 'length' must grow"),
    "COLUMN_NEW": ("the agreed columns", "add it to the contract, taken or ignored with a reason"),
    "DUPLICATE_ROW": ("each row once", "nothing is lost; tell the department"),
    "LOST_CHARACTER": ("whole characters", "export from the source anew in the agreed encoding"),
    "TRUNCATED_CHARACTER": ("values cut between characters", "widen the column, or cut on whole characters"),
    "BANK_CARD_LUHN": ("a card number with the right check digit", "correct it at the source"),
    "NUMBER_FORM": ("a number of the form of its kind", "correct it at the source; it is kept as it came"),
    "PRIVATE_USE": ("characters of the standard", "send rare characters by GB 18030-2022"),
}
BY_PREFIX = {
    "ID_": ("a valid document number", "correct it at the source; it is kept as it came"),
    "USCC_": ("a valid unified social credit code", "correct it at the source; it is kept as it came"),
    "DATE_": ("a day in the agreed format", "send an empty value where the day is not known"),
    "TIMESTAMP_": ("a time in the agreed format", "send it as agreed"),
    "PHONE_": ("a phone number", "send an empty value where there is none"),
    "NAME_": ("a name and nothing else", "keep notes in a column of their own"),
}
OTHER = ("a value as agreed", "look at the rows and tell the department")


def advice(code: str) -> tuple[str, str]:
    """(what was expected, what to do) for a reject reason or a finding code."""
    known = REJECTS.get(code) or FINDINGS.get(code)
    return known or next((said for prefix, said in BY_PREFIX.items() if code.startswith(prefix)), OTHER)
