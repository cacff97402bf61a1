"""Data quality: rules, gates, findings and scorecards.

A *rule* (`quality.rules`) says what must hold and what to do when it does not. A *gate* (`quality.gates`) judges one
delivery or the staged masters by the rules and limits written in a contract or in `quality/limits/`, and returns a
*verdict* (`quality.verdict`): pass, warn or stop. Great Expectations does the judging and is imported by
`quality.suites` alone, when a gate runs, because importing it takes seconds. `quality.findings` holds the rules which
look across departments, as SQL. No verdict, message or page carries a personal value: rules report numbers only.
"""
