"""Other tools on the same records: each module runs under an interpreter that has the tool, and imports none of ours."""
